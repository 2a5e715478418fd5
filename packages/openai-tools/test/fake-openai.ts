import type { ScriptedCall, Told } from '@capfence/conformance'
import OpenAI from 'openai'

/** OpenAI's API as far as the tests need it, with a script in place of a model and no network. */
export interface FakeOpenAI {
  readonly client: OpenAI
  /** The bodies that were sent, oldest first. */
  readonly requests: readonly Body[]
  /** What the model was told of its calls, in order. */
  readonly told: () => readonly Told[]
}

interface Body {
  readonly stream?: boolean
  readonly tools?: readonly unknown[]
  readonly messages?: readonly Message[]
  readonly input?: readonly Item[]
}

interface Message {
  readonly role: string
  readonly tool_call_id?: string
  readonly content?: string
}

interface Item {
  readonly type?: string
  readonly call_id?: string
  readonly output?: string
}

/** One turn of the script: calls, or items as they stand. */
export type Turn = readonly (ScriptedCall | RawCall | { readonly type: string })[]

/** A call whose arguments are a text as it stands. */
interface RawCall {
  readonly id: string
  readonly tool: string
  readonly text: string
}

/** A client whose model makes these calls, a turn a request, and then ends. */
export function fakeOpenAI(turns: readonly Turn[]): FakeOpenAI {
  const requests: Body[] = []
  const fetch = async (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const body = JSON.parse(typeof init?.body === 'string' ? init.body : '{}') as Body
    const turn = turns[requests.push(body) - 1] ?? []
    const address = url instanceof Request ? url.url : String(url)
    if (address.endsWith('/responses')) return Response.json(responseOf(turn, requests.length))
    if (body.stream === true) return streamOf(turn)
    return Promise.resolve(Response.json(completionOf(turn)))
  }
  return {
    client: new OpenAI({ apiKey: 'test', baseURL: 'http://fake.invalid/v1', maxRetries: 0, fetch }),
    requests,
    told: () => toldIn(requests.at(-1)),
  }
}

function toldIn(body: Body | undefined): readonly Told[] {
  const messages = (body?.messages ?? []).filter(({ role }) => role === 'tool')
  const items = (body?.input ?? []).filter(({ type }) => type === 'function_call_output')
  return [
    ...messages.map(({ tool_call_id: id, content }) => toldOf(id, content)),
    ...items.map(({ call_id: id, output }) => toldOf(id, output)),
  ]
}

function toldOf(id: string | undefined, text = ''): Told {
  return { id, text: errorIn(text) ?? text, isError: errorIn(text) !== undefined }
}

function errorIn(text: string): string | undefined {
  try {
    const value = JSON.parse(text) as { readonly error?: unknown } | null
    return typeof value?.error === 'string' ? value.error : undefined
  } catch {
    return undefined
  }
}

const textOf = (one: ScriptedCall | RawCall): string => ('text' in one ? one.text : JSON.stringify(one.args))
const callsOf = (turn: Turn): readonly (ScriptedCall | RawCall)[] => turn.filter((one) => 'tool' in one)

function messageOf(turn: Turn): object {
  const calls = callsOf(turn).map((one) => ({
    id: one.id,
    type: 'function',
    function: { name: one.tool, arguments: textOf(one) },
  }))
  return calls.length === 0
    ? { role: 'assistant', content: 'done', refusal: null }
    : { role: 'assistant', content: null, refusal: null, tool_calls: calls }
}

function completionOf(turn: Turn): object {
  const finish = callsOf(turn).length === 0 ? 'stop' : 'tool_calls'
  const choice = { index: 0, finish_reason: finish, logprobs: null, message: messageOf(turn) }
  return { id: 'c', object: 'chat.completion', created: 1, model: 'fake', choices: [choice] }
}

function streamOf(turn: Turn): Response {
  const message = messageOf(turn) as { readonly tool_calls?: readonly object[] }
  const delta = { ...message, tool_calls: message.tool_calls?.map((one, index) => ({ index, ...one })) }
  const chunk = (choice: object): string => {
    const whole = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'fake', choices: [choice] }
    return `data: ${JSON.stringify(whole)}\n\n`
  }
  const finish = message.tool_calls === undefined ? 'stop' : 'tool_calls'
  const pieces = [
    chunk({ index: 0, delta, finish_reason: null }),
    chunk({ index: 0, delta: {}, finish_reason: finish }),
    'data: [DONE]\n\n',
  ]
  return new Response(pieces.join(''), { headers: { 'content-type': 'text/event-stream' } })
}

function responseOf(turn: Turn, step: number): object {
  const items = turn.map((one) =>
    'tool' in one
      ? {
          type: 'function_call',
          id: `fc_${String(step)}_${one.id}`,
          call_id: one.id,
          name: one.tool,
          arguments: textOf(one),
          status: 'completed',
        }
      : one,
  )
  const content = [{ type: 'output_text', text: 'done', annotations: [], logprobs: [] }]
  const done = { type: 'message', id: `msg_${String(step)}`, role: 'assistant', status: 'completed', content }
  return {
    id: `resp_${String(step)}`,
    object: 'response',
    created_at: 1,
    status: 'completed',
    error: null,
    incomplete_details: null,
    instructions: null,
    metadata: {},
    model: 'fake',
    output: items.length === 0 ? [done] : items,
    parallel_tool_calls: true,
    temperature: 1,
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
  }
}
