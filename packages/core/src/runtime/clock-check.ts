import type { CommitView } from './commit-job.ts'

/** How far the clocks of a process and of its engine may be apart, and how far behind the trail, in milliseconds. */
export const CLOCK_TOLERANCE_MS = 5_000

/**
 * What is wrong with the clocks, in words, or undefined. Grants, limits and sequences all rest on time: where the
 * process, the engine and the trail disagree about it, none of them counts.
 */
export function clockFault({ now, readAt, headAt }: Pick<CommitView, 'now' | 'readAt' | 'headAt'>): string | undefined {
  // Only jobs that are `clocked` are told; whoever forgot to ask must not read silence as agreement.
  if (Number.isNaN(headAt)) throw new Error('the time of the newest record was not asked for')
  const apart = Math.abs(readAt.wall - now)
  if (apart > CLOCK_TOLERANCE_MS)
    return `the clock of this process and that of its database are ${seconds(apart)} apart`
  const behind = Math.max(headAt - readAt.wall, headAt - now)
  if (behind > CLOCK_TOLERANCE_MS) return `the clock is ${seconds(behind)} behind the newest record of the trail`
  return undefined
}

function seconds(ms: number): string {
  return `${String(Math.round(ms / 1000))} s`
}
