import { isCapFenceError } from '@capfence/core/adapter'

/** What the model is told of a refusal, in the form of a tool's result. */
export interface Refused {
  readonly error: string
}

/** What a refusal says, for the model to read; whatever else was thrown is thrown on. */
export function refusedOr(error: unknown): Refused {
  if (isCapFenceError(error) && error.code === 'CALL_REFUSED') return { error: error.message }
  throw error
}

/** A tool's result as the text of its message, as `runTools` writes it. */
export function resultText(result: unknown): string {
  if (typeof result === 'string') return result
  return JSON.stringify(result) ?? 'undefined'
}
