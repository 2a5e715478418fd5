import type { CallbackManagerForToolRun } from '@langchain/core/callbacks/manager'

/** What a tool gave in the end; the pieces of one that streams go to the callbacks, as LangChain itself hands them on. */
export async function settled(given: unknown, runManager: CallbackManagerForToolRun | undefined): Promise<unknown> {
  const result: unknown = await given
  if (!isGenerator(result)) return result
  try {
    for (;;) {
      const next = await result.next()
      if (next.done === true) return next.value
      await handOn(next.value, runManager)
    }
  } finally {
    await result.return?.(undefined)
  }
}

async function handOn(piece: unknown, runManager: CallbackManagerForToolRun | undefined): Promise<void> {
  try {
    await runManager?.handleToolEvent(piece)
  } catch (cause) {
    await runManager?.handleToolError(cause)
  }
}

interface Generator {
  next(): IteratorResult<unknown> | Promise<IteratorResult<unknown>>
  return?(value: unknown): unknown
}

// The same question as LangChain's own, so that the same results count as streams.
function isGenerator(value: unknown): value is Generator {
  return typeof value === 'object' && value !== null && 'next' in value && typeof value.next === 'function'
}
