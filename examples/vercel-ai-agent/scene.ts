import type { LanguageModel } from 'ai'
import { MockLanguageModelV4 } from 'ai/test'
import { stage } from '../stage.ts'

/** Runs `capfence` as a person would in another terminal. Imported first, so that the stage is set before anything opens. */
export const { capfence } = stage()

const flag = process.argv.indexOf('--model')

/** The real model that the flag names, for example `--model openai/gpt-5.5`, through the AI Gateway and its key. */
export const realModel: string | undefined = flag < 0 ? undefined : process.argv[flag + 1]

interface Said {
  readonly tool: string
  readonly input: object
}

const refund = (order: string, amount: number): Said => ({ tool: 'refund', input: { order, amount } })

// What a model might well do: an empty turn ends its answer.
const script: readonly (readonly Said[])[] = [
  [refund('A-1', 40), refund('A-2', 4000), { tool: 'close_account', input: { customer: 'c-7' } }],
  [],
  [], // after what a client forged
  [refund('A-2', 4000)],
  [],
  [refund('A-2', 4000)],
  [],
]

let turn = 0
const scripted = new MockLanguageModelV4({
  doGenerate: async () => {
    const calls = script[turn++] ?? []
    const content = calls.map(({ tool: toolName, input }, index) => {
      const toolCallId = `call-${String(turn)}-${String(index)}`
      return { type: 'tool-call' as const, toolCallId, toolName, input: JSON.stringify(input) }
    })
    const unified = calls.length === 0 ? 'stop' : 'tool-calls'
    return Promise.resolve({
      content: calls.length === 0 ? [{ type: 'text', text: 'That is all I can do.' }] : content,
      finishReason: { unified, raw: undefined },
      usage: {
        inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
        outputTokens: { total: 1, text: 1, reasoning: 0 },
      },
      warnings: [],
    })
  },
})

/** The model of the story: scripted, unless the flag names a real one. */
export const model: LanguageModel = realModel ?? scripted

/** What was refunded. */
export const refunds: string[] = []

/** Where the money goes. */
export function refundOrder({ order, amount }: { readonly order: string; readonly amount: number }): string {
  return `refund number ${String(refunds.push(`${order}: ${String(amount)}`))}`
}
