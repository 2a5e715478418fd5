import { type ActionRuntime, type HostOptions, guard, hostCall } from '@capfence/core/adapter'
import type { RunnerFunction } from 'openai/helpers/responses-tool-runner'
import { type Callable, callableOf } from './callable.ts'
import { type Callback, standFor } from './callback.ts'
import { copyWith } from './copy-with.ts'
import { refusedOr, resultText } from './refusal.ts'

/** What `ResponsesToolRunner` hands to a function beside its arguments. */
export interface RunnerRequest {
  readonly tool: RunnerFunction['tool']
  readonly signal: AbortSignal | undefined
}

/**
 * Guards the functions of a `ResponsesToolRunner`: each call is judged on the arguments that the runner decoded, runs at
 * most once on them, and is recorded. A refusal is the function's output, so that the model can go on. The runner hands
 * on no call id, so the same call made again is judged again.
 */
export function guardRunnerFunctions<Functions extends readonly RunnerFunction[] | []>(
  runtime: ActionRuntime,
  functions: Functions,
  options: HostOptions<RunnerRequest>,
): Functions {
  const guarded = functions.map((one: RunnerFunction) => {
    const callable = callableOf(one, options.ungated)
    return callable?.at === 'execute'
      ? copyWith(one, { execute: guardedExecute({ runtime, callable, options, tool: one.tool }) })
      : one
  })
  return guarded as readonly RunnerFunction[] as Functions // each is a copy of its kind
}

interface GuardedFunction {
  readonly runtime: ActionRuntime
  readonly callable: Callable
  readonly options: HostOptions<RunnerRequest>
  readonly tool: RunnerFunction['tool']
}

// INVARIANT: a new function, without the hidden stages of the original, which the runner would run in its place.
function guardedExecute({ runtime, callable, options, tool }: GuardedFunction): Callback {
  const { name, run } = callable
  const execute = async (args: unknown, given?: { readonly signal?: AbortSignal | undefined }): Promise<unknown> => {
    const signal = given?.signal
    const call = hostCall(options, { adapter: 'openai-tools', tool: name, args, request: { tool, signal }, signal })
    try {
      return await guard(runtime, call, (own, context) => run(own, { signal: context.signal }))
    } catch (error) {
      return resultText(refusedOr(error))
    }
  }
  return standFor(execute as Callback, run) // the runner calls it with these two
}
