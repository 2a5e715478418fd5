import type { LanguageModelV4CallOptions, LanguageModelV4Prompt } from '@ai-sdk/provider'
import type { ScriptedCall } from '@capfence/conformance'
import * as ai7 from 'ai'
import { MockLanguageModelV4 } from 'ai/test'
import * as ai6 from 'ai6'
import { MockLanguageModelV3 } from 'ai6/test'

/** One major of the SDK, with a model that plays a script. */
export interface Sdk {
  readonly major: 6 | 7
  readonly ai: typeof ai7
  readonly model: (turns: Turns) => ScriptedModel
}

/** A turn is the calls that the model makes at once; after the last one it says `done`. */
export type Turns = readonly (readonly ScriptedCall[])[]

/** What a scripted model was asked, each time. */
export interface ScriptedModel {
  readonly model: ai7.LanguageModel
  readonly asked: readonly { readonly prompt: LanguageModelV4Prompt; readonly tools?: unknown }[]
}

const USAGE = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 },
}

/** The newest major. */
export const sdk7: Sdk = {
  major: 7,
  ai: ai7,
  model: (turns) => scripted(turns, (play) => new MockLanguageModelV4(play)),
}

/** The oldest major. Its types differ in names that these tests do not use. */
export const sdk6: Sdk = {
  major: 6,
  ai: ai6 as unknown as typeof ai7,
  model: (turns) => scripted(turns, (play) => new MockLanguageModelV3(play as never) as unknown as MockLanguageModelV4),
}

type Play = NonNullable<ConstructorParameters<typeof MockLanguageModelV4>[0]>

function scripted(turns: Turns, make: (play: Play) => MockLanguageModelV4): ScriptedModel {
  const asked: { prompt: LanguageModelV4Prompt; tools?: unknown }[] = []
  const next = ({ prompt, tools }: LanguageModelV4CallOptions): readonly ScriptedCall[] => {
    asked.push({ prompt, tools })
    return turns[asked.length - 1] ?? []
  }
  const model = make({
    doGenerate: async (options) => {
      const calls = next(options)
      const content = calls.length === 0 ? [{ type: 'text' as const, text: 'done' }] : calls.map(callPart)
      return { content, finishReason: finish(calls), usage: USAGE, warnings: [] }
    },
    doStream: async (options) => {
      const calls = next(options)
      const said = calls.length === 0 ? TEXT : calls.map(callPart)
      const end = { type: 'finish' as const, finishReason: finish(calls), usage: USAGE }
      return { stream: ReadableStream.from([{ type: 'stream-start' as const, warnings: [] }, ...said, end]) }
    },
  })
  return { model, asked }
}

const TEXT = [
  { type: 'text-start' as const, id: 't' },
  { type: 'text-delta' as const, id: 't', delta: 'done' },
  { type: 'text-end' as const, id: 't' },
]

function callPart({ id, tool, args }: ScriptedCall) {
  return { type: 'tool-call' as const, toolCallId: id, toolName: tool, input: JSON.stringify(args) }
}

function finish(calls: readonly ScriptedCall[]) {
  return { unified: calls.length === 0 ? ('stop' as const) : ('tool-calls' as const), raw: undefined }
}
