import type { CapabilityPattern, Reach } from '../../action/pattern.ts'
import { globsMeet } from './globs-meet.ts'

/** A pattern, and which way it errs. */
export interface ReachingPattern {
  readonly pattern: CapabilityPattern
  readonly reach: Reach
}

/** Whether two patterns may cover one capability. */
export function patternsMeet(left: ReachingPattern, right: ReachingPattern): boolean {
  const [one, other] = [segmentsOf(left), segmentsOf(right)]
  const [short, long] = one.segments.length <= other.segments.length ? [one, other] : [other, one]
  const meetAt = (index: number): boolean => globsMeet(short.segments[index] ?? '', long.segments[index] ?? '')
  if (!short.segments.every((_, index) => meetAt(index))) return false
  return short.segments.length === long.segments.length || short.isOpen
}

// As the whole scope, `*` is any scope, however deep: that is a pattern of two parts that covers what is deeper.
function segmentsOf({ pattern, reach }: ReachingPattern): {
  readonly segments: readonly string[]
  readonly isOpen: boolean
} {
  const segments = pattern.split('.')
  if (segments.length === 3 && segments[2] === '*') return { segments: segments.slice(0, 2), isOpen: true }
  return { segments, isOpen: reach === 'wide' }
}
