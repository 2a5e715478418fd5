import type { Output } from '../output.ts'

/** Labels and texts below each other. The texts are printed as they are: what came from outside was made visible. */
export function facts(rows: readonly (readonly [label: string, text: string])[], { paint }: Output): string {
  const width = Math.max(0, ...rows.map(([label]) => label.length))
  return rows.map(([label, text]) => `  ${paint.dim(label.padEnd(width))}  ${text}\n`).join('')
}
