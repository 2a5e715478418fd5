import { ResponsesToolRunner, type RunnerFunction, runnerFunction } from 'openai/helpers/responses-tool-runner'
import { zodResponsesFunction } from 'openai/helpers/zod'
import { expect, test } from 'vitest'
import { approveMcp, guardFunctionCalls, guardRunnerFunctions, guardTools } from '../src/index.ts'
import { type Turn, fakeOpenAI } from './fake-openai.ts'
import { HOST, gate } from './gate.ts'
import { SCHEMA, zodSchema } from './kit.ts'
import { driveRunner } from './loop-kits.ts'

const STAGES = Symbol.for('openai.responses.runnerFunctionStages')
const wipe = { id: 'c1', tool: 'wipe', args: { file: 'a' } }

const staged = (runs: string[]): RunnerFunction =>
  runnerFunction(
    zodResponsesFunction({
      name: 'wipe',
      parameters: zodSchema,
      function: async () => {
        runs.push('ran')
        return 'wiped'
      },
    }) as never, // its own types want to know the schema's
  )

test('the-hidden-stages-of-a-function-are-left-behind-where-a-copy-of-them-runs-it', async () => {
  const runs: string[] = []
  const naive = (one: RunnerFunction): RunnerFunction => {
    const execute = async (): Promise<string> => 'denied'
    return { ...one, execute: Object.defineProperties(execute, Object.getOwnPropertyDescriptors(one.execute)) }
  }
  await driveRunner(fakeOpenAI([[wipe]]).client, [naive(staged(runs))])
  expect(runs).toEqual(['ran'])

  const { runtime } = await gate()
  const functions = guardRunnerFunctions(runtime, [staged(runs)], HOST)
  expect(Object.getOwnPropertySymbols(functions[0]?.execute ?? {})).not.toContain(STAGES)
  const { client, told } = fakeOpenAI([[wipe]])
  await driveRunner(client, functions)
  expect(runs).toEqual(['ran'])
  expect(told()).toMatchObject([{ id: 'c1', isError: true }])
})

test('a-runner’s-function-keeps-what-else-it-says-and-its-signal', async () => {
  const { runtime } = await gate()
  const seen: unknown[] = []
  const read: RunnerFunction = {
    tool: { type: 'function', name: 'read', parameters: { ...SCHEMA }, strict: false },
    independent: true,
    execute: async (args, options) => {
      seen.push(args, options?.signal instanceof AbortSignal)
      return [{ type: 'input_text', text: 'of a' }]
    },
  }
  const [guarded] = guardRunnerFunctions(runtime, [read], HOST)
  expect(guarded).toMatchObject({ tool: read.tool, independent: true })
  const { client, requests } = fakeOpenAI([[{ ...wipe, tool: 'read' }]])
  await driveRunner(client, [guarded])
  expect(seen).toEqual([{ file: 'a' }, true])
  expect(requests[1]?.input?.at(-1)?.output).toEqual([{ type: 'input_text', text: 'of a' }])
  const answer = guardFunctionCalls(runtime, [read], HOST)
  const item = { type: 'function_call', call_id: 'c2', name: 'read', arguments: '{}' } as const
  expect(await answer(item)).toEqual({
    type: 'function_call_output',
    call_id: 'c2',
    output: [{ type: 'input_text', text: 'of a' }],
  })
})

test('an-unknown-name-arguments-that-do-not-fit-and-a-custom-call-are-told-to-the-model', async () => {
  const { runtime, records } = await gate()
  const read = zodResponsesFunction({ name: 'read', parameters: zodSchema, function: () => expect.unreachable() })
  const answer = guardFunctionCalls(runtime, [read], HOST)
  const told = [
    await answer({ type: 'function_call', call_id: 'c1', name: '__proto__', arguments: '{}' }),
    await answer({ type: 'function_call', call_id: 'c2', name: 'read', arguments: '{"amount":"x"}' }),
    await answer({ type: 'custom', id: 'c3', custom: { name: 'free', input: 'anything' } }),
  ]
  expect(told).toMatchObject([
    { output: expect.stringContaining('no function of that name') as string },
    { output: expect.stringContaining('amount') as string },
    { role: 'tool', tool_call_id: 'c3' },
  ])
  expect(await records()).toEqual([])
})

test('what-a-tool-of-a-loop-throws-is-thrown-on', async () => {
  const { runtime } = await gate()
  const fail = (): never => {
    throw new RangeError('disk full')
  }
  const read = zodResponsesFunction({ name: 'read', parameters: zodSchema, function: fail })
  const answer = guardFunctionCalls(runtime, [read], HOST)
  await expect(answer({ type: 'function_call', call_id: 'c1', name: 'read', arguments: '{}' })).rejects.toThrow(
    RangeError,
  )
})

const MCP = {
  type: 'mcp',
  server_label: 'files',
  server_url: 'https://mcp.invalid',
  require_approval: 'always',
} as const

const question = (
  id: string,
  name: string,
  text = '{"file":"a"}',
): { readonly type: 'mcp_approval_request' } & Record<'id' | 'name' | 'arguments' | 'server_label', string> => ({
  type: 'mcp_approval_request',
  id,
  name,
  arguments: text,
  server_label: 'files',
})

test('a-remote-mcp-call-is-approved-only-where-the-runtime-allows-that-very-call', async () => {
  const { runtime, decisions, approve } = await gate()
  const may = approveMcp(runtime, HOST)
  expect(await may(question('q1', 'read'))).toBe(true)
  expect(await may(question('q2', 'wipe'))).toBe(false)
  expect(await may(question('q3', 'unknown'))).toBe(false)
  expect(await may(question('q4', 'pay', '{"amount":5000,"amount":5}'))).toBe(false)
  expect(await may(question('q5', 'pay', '{"amount":5000}'))).toBe(false)
  await approve()
  expect(await may(question('q6', 'pay', '{"amount":5001}'))).toBe(false)
  expect(await may(question('q7', 'pay', '{"amount":5000}'))).toBe(true)
  // A question that is replayed, and a grant that was used.
  expect(await may(question('q1', 'read'))).toBe(false)
  expect(await may(question('q8', 'pay', '{"amount":5000}'))).toBe(false)
  const [first] = await decisions()
  expect(first).toMatchObject({ decision: 'allow', outcome: 'caller', event: { tool: 'mcp.files.read' } })
})

test('the-sdk’s-runner-sends-the-answers-on', async () => {
  const { runtime } = await gate()
  const turns: readonly Turn[] = [[question('q1', 'wipe'), question('q2', 'read')]]
  const { client, requests } = fakeOpenAI(turns)
  const runner = new ResponsesToolRunner({})
  const [tool] = guardTools(runtime, [MCP], HOST)
  expect(tool).toBe(MCP)
  await runner
    .run(client, { model: 'fake', input: 'go', tools: [{ ...tool }] }, { approveMcp: approveMcp(runtime, HOST) })
    .catch(() => undefined) // the script has no mcp_call for what was approved, and the runner asks for one
  const answers = requests[1]?.input?.filter(({ type }) => type === 'mcp_approval_response')
  expect(answers).toMatchObject([
    { approval_request_id: 'q1', approve: false },
    { approval_request_id: 'q2', approve: true },
  ])
})
