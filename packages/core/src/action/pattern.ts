import type { Brand } from '../kernel/brand.ts'
import { CapFenceError } from '../kernel/errors.ts'
import { asciiLower } from './capability.ts'

/** A capability with `*`: what a rule or a grant covers. */
export type CapabilityPattern = Brand<string, 'CapabilityPattern'>

/** Which way a pattern errs: `narrow` where it lets through, `wide` where it stops. */
export type Reach = 'narrow' | 'wide'

const SEGMENT_PATTERN = /^[a-z0-9_*-]+$/

/**
 * Parses a pattern. Three parts, split at the first two dots; inside a segment `*` is any run of characters.
 * Narrow patterns need all three parts; wide ones fill missing parts with `*`.
 */
export function capabilityPattern(text: string, reach: Reach): CapabilityPattern {
  const segments = asciiLower(text).split('.')
  const bad = segments.find((segment) => !SEGMENT_PATTERN.test(segment))
  if (bad !== undefined) throw invalid(text, 'segments are a-z, 0-9, `_`, `-` and `*`')
  if (reach === 'narrow' && segments.length < 3) {
    throw invalid(text, 'an allow names resource, action and scope, for example `filesystem.read.workspace`')
  }
  while (segments.length < 3) segments.push('*')
  return segments.join('.') as CapabilityPattern // the only cast: every segment was checked
}

/** Whether one segment of a capability matches one segment of a pattern. */
export function segmentMatches(pattern: string, segment: string): boolean {
  if (pattern === '*') return true
  if (!pattern.includes('*')) return pattern === segment
  return globMatches(pattern, segment)
}

/** Whether a glob, in which `*` is any run of characters, matches the whole text. Linear in practice, never recursive. */
export function globMatches(glob: string, text: string): boolean {
  const pieces = glob.split('*')
  if (pieces.length === 1) return glob === text
  const first = pieces[0] ?? ''
  const last = pieces[pieces.length - 1] ?? ''
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false
  let from = first.length
  const end = text.length - last.length
  for (const piece of pieces.slice(1, -1)) {
    const found = text.indexOf(piece, from)
    if (found === -1 || found + piece.length > end) return false
    from = found + piece.length
  }
  return true
}

/**
 * Whether a pattern covers a capability; the law that the policy's index is held against.
 * `*` as the whole scope is any scope, however deep. Narrow: a scope matches exactly, a final `*` is one segment.
 * Wide: a scope covers deeper ones too, a final `*` is one or more segments.
 */
export function covers(pattern: CapabilityPattern, capability: string, reach: Reach): boolean {
  const wanted = pattern.split('.')
  const asked = capability.split('.')
  if (wanted.length === 3 && wanted[2] === '*') {
    return wanted.slice(0, 2).every((segment, index) => segmentMatches(segment, asked[index] ?? ''))
  }
  if (asked.length < wanted.length || (reach === 'narrow' && asked.length !== wanted.length)) return false
  return wanted.every((segment, index) => segmentMatches(segment, asked[index] ?? ''))
}

function invalid(text: string, why: string): CapFenceError {
  return new CapFenceError(
    'PATTERN_INVALID',
    `${JSON.stringify(text.slice(0, 80))} is not a capability pattern: ${why}`,
  )
}
