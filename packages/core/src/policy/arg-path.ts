import { CapFenceError } from '../kernel/errors.ts'
import type { ArgPath, ArgStep } from './model.ts'

/** The most steps of a path into `args`. */
const MAX_ARG_STEPS = 64

const NAME = /[^.[\]"'\s\p{Cc}]+/uy
const INDEX = /\[(0|[1-9]\d{0,8})\]/y
const ANY = /\[\*\]/y
const QUOTED = /\[("(?:[^"\\]|\\.)*")\]/y

/**
 * Parses a path into `args`: `a.b[0]`, `items[*].id`, `["odd.key"].x`. `args` is an object, so a path starts with a
 * name. Anything else is `POLICY_INVALID`.
 */
export function argPath(text: string): ArgPath {
  const steps: ArgStep[] = []
  let at = 0
  while (at < text.length) {
    const found = stepAt(text, at)
    if (found === undefined || steps.length >= MAX_ARG_STEPS) throw invalid(text, at)
    steps.push(found.step)
    at = found.end
  }
  if (steps[0]?.kind !== 'key') throw invalid(text, 0)
  return { text, steps }
}

interface Found {
  readonly step: ArgStep
  readonly end: number
}

function stepAt(text: string, at: number): Found | undefined {
  if (text[at] === '[') return bracketAt(text, at)
  const start = at === 0 ? 0 : at + 1
  if (at > 0 && text[at] !== '.') return undefined
  const name = matchAt(NAME, text, start)
  return name && { step: { kind: 'key', key: name[0] }, end: start + name[0].length }
}

function bracketAt(text: string, at: number): Found | undefined {
  const any = matchAt(ANY, text, at)
  if (any) return { step: { kind: 'any' }, end: at + any[0].length }
  const index = matchAt(INDEX, text, at)
  if (index) return { step: { kind: 'index', index: Number(index[1]) }, end: at + index[0].length }
  const quoted = matchAt(QUOTED, text, at)
  const key = quoted && jsonText(quoted[1] ?? '')
  return quoted && key !== undefined ? { step: { kind: 'key', key }, end: at + quoted[0].length } : undefined
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at
  return pattern.exec(text) ?? undefined
}

function jsonText(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'string' && value.isWellFormed() ? value : undefined
  } catch {
    return undefined // a bad escape: the caller refuses the path
  }
}

function invalid(text: string, at: number): CapFenceError {
  return new CapFenceError(
    'POLICY_INVALID',
    `${JSON.stringify(text.slice(0, 80))} is not a path into \`args\` (at character ${String(at + 1)}): ` +
      'write for example `a.b[0]`, `items[*].id` or `["odd.key"].x`',
  )
}
