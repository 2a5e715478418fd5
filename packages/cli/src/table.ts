import { visible } from './visible.ts'

/** A cell, and what paints it; the width counts before painting. */
export interface Cell {
  readonly text: string
  /** Set where the text was made visible already. */
  readonly isVisible?: true
  readonly width?: number
  readonly align?: 'right'
  readonly paint?: (text: string) => string
}

/** One row of a table that is printed as it comes: widths are given, not measured, so that any length streams. */
export function row(cells: readonly Cell[]): string {
  const texts = cells.map(({ text, isVisible, width = 0, align, paint = (same) => same }) => {
    const shown = isVisible ? text : visible(text)
    const gap = ' '.repeat(Math.max(0, width - Array.from(shown).length))
    return align === 'right' ? `${gap}${paint(shown)}` : `${paint(shown)}${gap}`
  })
  return `${texts.join('  ').trimEnd()}\n`
}

/** The colour of a decision. */
export function decisionPaint<Paint extends { green: Painter; red: Painter; yellow: Painter; dim: Painter }>(
  paint: Paint,
  decision: string | null,
): Painter {
  switch (decision) {
    case 'allow':
      return paint.green
    case 'deny':
      return paint.red
    case 'require_approval':
      return paint.yellow
    default:
      return paint.dim
  }
}

type Painter = (text: string) => string
