import { CapFenceError } from '../kernel/errors.ts'
import type { ToolContext } from '../runtime/run-tool.ts'
import type { ActionRuntime } from './action-runtime.ts'
import { type GuardedCall, guard } from './guard.ts'
import { handoff } from './handoff.ts'

/** A tool that gives its result piece by piece. */
export type StreamingTool<Chunk> = (args: Record<string, unknown>, context: ToolContext) => AsyncIterable<Chunk>

/**
 * As `guard`, for a tool that streams: nothing of it starts before it is allowed, each piece is handed on when it comes,
 * at the pace of whoever reads, and the outcome is recorded when the last one is there or the reader stops. The same
 * call made again gives the same pieces.
 */
export async function* guardStream<Chunk>(
  runtime: ActionRuntime,
  call: GuardedCall,
  execute: StreamingTool<Chunk>,
): AsyncGenerator<Chunk, void, undefined> {
  const pieces = handoff<Chunk>()
  let isLive = false
  const whole = guard(runtime, call, async (args, context) => {
    isLive = true
    const all: Chunk[] = []
    for await (const chunk of execute(args, context)) {
      all.push(chunk)
      if (!(await pieces.give(chunk))) return { all, isWhole: false }
    }
    return { all, isWhole: true }
  })
  whole.then(
    () => pieces.end(),
    (cause: unknown) => pieces.fail(cause),
  )
  try {
    yield* pieces.taken()
    if (!isLive) yield* allOf(await whole)
  } finally {
    pieces.stop()
    // The reader is gone or has had the error; either way the outcome is recorded before this ends.
    await Promise.allSettled([whole])
  }
}

// What a reader left early was not made to its end, and is not made again.
function allOf<Chunk>({
  all,
  isWhole,
}: {
  readonly all: readonly Chunk[]
  readonly isWhole: boolean
}): readonly Chunk[] {
  if (isWhole) return all
  throw new CapFenceError(
    'CALL_REFUSED',
    'this call ran before, and its reader left before the end; it is never run twice',
  )
}
