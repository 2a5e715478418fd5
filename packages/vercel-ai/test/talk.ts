import type { LanguageModelV4ToolResultOutput } from '@ai-sdk/provider'
import type { Conversation, Told } from '@capfence/conformance'
import type { LanguageModel, ModelMessage, StopCondition, ToolSet } from 'ai'
import type { ScriptedModel, Sdk, Turns } from './sdk.ts'

/** A way to let the SDK run an agent. */
export type Talk = (sdk: Sdk, tools: ToolSet, how: TalkOptions) => Promise<Conversation>

export interface TalkOptions {
  readonly turns: Turns
  readonly signal?: AbortSignal | undefined
  /** In place of a plain prompt. */
  readonly messages?: ModelMessage[] | undefined
  /** Options of the SDK's own, for those that try to get round. */
  readonly more?: object | undefined
}

interface Said {
  readonly text: string
  readonly pieces: readonly string[]
}

/** Through `generateText`. */
export const generated: Talk = talk(async ({ ai }, { settings, prompt }) => {
  const { text } = await ai.generateText({ ...settings, ...prompt })
  return { text, pieces: [] }
})

/** Through `streamText`. */
export const streamed: Talk = talk(async ({ ai }, { settings, prompt }) => {
  const result = ai.streamText({ ...settings, ...prompt, onError: () => undefined })
  const pieces = await piecesOf(result.fullStream)
  return { text: await result.text, pieces }
})

/** Through a `ToolLoopAgent`. */
export const agentGenerated: Talk = talk(async ({ ai }, { settings, prompt }) => {
  const { text } = await new ai.ToolLoopAgent(settings).generate(prompt)
  return { text, pieces: [] }
})

/** Through the stream of a `ToolLoopAgent`. */
export const agentStreamed: Talk = talk(async ({ ai }, { settings, prompt }) => {
  const result = await new ai.ToolLoopAgent(settings).stream(prompt)
  const pieces = await piecesOf(result.fullStream)
  return { text: await result.text, pieces }
})

interface Parts {
  readonly settings: {
    readonly model: LanguageModel
    readonly tools: ToolSet
    readonly maxRetries: number
    readonly stopWhen: StopCondition<ToolSet>
  }
  readonly prompt: { readonly messages: ModelMessage[]; readonly abortSignal?: AbortSignal }
}

function talk(run: (sdk: Sdk, parts: Parts) => Promise<Said>): Talk {
  return async (sdk, tools, { turns, signal, messages = [{ role: 'user', content: 'go' }], more }) => {
    const scripted = sdk.model(turns)
    const prompt = { messages, ...(signal === undefined ? {} : { abortSignal: signal }) }
    const settings = { model: scripted.model, tools, stopWhen: sdk.ai.stepCountIs(9), maxRetries: 0, ...more }
    const { text, pieces } = await run(sdk, { settings, prompt })
    return { told: toldOf(scripted), isComplete: text === 'done', pieces }
  }
}

async function piecesOf(stream: AsyncIterable<unknown>): Promise<string[]> {
  const pieces: string[] = []
  for await (const part of stream) {
    const { type, preliminary, output } = part as { type: string; preliminary?: boolean; output?: unknown }
    if (type === 'tool-result' && preliminary === true) pieces.push(String(output))
  }
  return pieces
}

/** What the model was told of its calls, as it saw it when it was asked last. */
function toldOf({ asked }: ScriptedModel): readonly Told[] {
  return (asked.at(-1)?.prompt ?? [])
    .flatMap(({ role, content }) => (role === 'tool' ? content : []))
    .flatMap((part) => (part.type === 'tool-result' ? [part] : []))
    .map(({ toolCallId, output }) => ({
      id: toolCallId,
      text: textOf(output),
      isError: !['text', 'json', 'content'].includes(output.type),
    }))
}

function textOf(output: LanguageModelV4ToolResultOutput): string {
  if (output.type === 'execution-denied') return output.reason ?? ''
  return typeof output.value === 'string' ? output.value : JSON.stringify(output.value)
}
