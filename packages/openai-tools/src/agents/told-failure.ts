import { refusedOr } from '../refusal.ts'

/** What the SDK makes of a tool's error, unless the tool has an `errorFunction` of its own. */
const FAILED = 'An error occurred while running the tool. Please try again.'

/** A tool's result; thrown where it only tells of an error, so that the outcome is recorded as one. */
export function unlessFailed(result: unknown): unknown {
  if (result === FAILED) throw new Error(FAILED)
  return result
}

/** What the model is told of a tool that failed, in the SDK's own words, or of a refusal; all else is thrown on. */
export function toldOf(error: unknown): string {
  return error instanceof Error && error.message === FAILED ? FAILED : refusedOr(error).error
}
