import type { ScriptedCall, Ways } from '@capfence/conformance'
import type { ToolSet } from 'ai'
import type { Sdk } from './sdk.ts'
import { generated, streamed } from './talk.ts'

interface Exchange {
  readonly call: ScriptedCall
  readonly evil: ScriptedCall['args']
}

/** Ways to change a tool's input on its way. */
export function mutationsOf(sdk: Sdk, tools: ToolSet, { call, evil }: Exchange): Ways {
  const turns = [[call]]
  const starting = (change: (input: object) => void): object => {
    const hook = ({ toolCall }: { readonly toolCall: { readonly input: object } }): void => change(toolCall.input)
    return sdk.major === 7 ? { onToolExecutionStart: hook } : { experimental_onToolCallStart: hook }
  }
  const now = (input: object): void => {
    Object.assign(input, evil)
  }
  return {
    'by-the-caller-while-it-is-judged': async () => {
      const input = { ...call.args }
      const running: unknown = tools[call.tool]?.execute?.(input, { toolCallId: call.id, messages: [], context: {} })
      now(input)
      return running
    },
    'by-a-callback-before-it-is-judged': () => generated(sdk, tools, { turns, more: starting(now) }),
    'by-a-callback-while-it-is-judged': () => generated(sdk, tools, { turns, more: starting(later(now)) }),
    'by-a-callback-of-a-stream': () => streamed(sdk, tools, { turns, more: starting(later(now)) }),
    'by-a-refinement': () =>
      generated(sdk, tools, { turns, more: { experimental_refineToolInput: { [call.tool]: () => ({ ...evil }) } } }),
    'by-an-accessor': async () => {
      let reads = 0
      const input = Object.defineProperties({ ...call.args }, { amount: { get: () => (reads++ === 0 ? 5 : 5000) } })
      return tools[call.tool]?.execute?.(input, { toolCallId: call.id, messages: [], context: {} }) as unknown
    },
  }
}

// After the SDK has called the tool, in each of the next turns in which a gate could still be judging.
function later(change: (input: object) => void): (input: object) => void {
  return (input) => {
    queueMicrotask(() => setImmediate(() => change(input)))
    void Promise.resolve().then(async () => {
      for (let turn = 0; turn < 20; turn++) await Promise.resolve()
      change(input)
    })
  }
}
