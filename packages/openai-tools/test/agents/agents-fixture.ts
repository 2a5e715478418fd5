import type { AdapterFixture, CaseSetup, CaseTool, Conversation, ScriptedCall, Told, Ways } from '@capfence/conformance'
import {
  Agent,
  type FunctionTool,
  type RunItem,
  Runner,
  RunContext,
  RunState,
  invokeFunctionTool,
  run as runAgent,
  setTracingDisabled,
  tool,
  toolNamespace,
} from '@openai/agents'
import { ScriptedModel, assistantMessage, functionCall } from '@openai/agents/testing'
import { guardTools } from '../../src/agents/index.ts'
import { type Args, hostOf } from '../kit.ts'
import { onlyTool } from '../openai-fixture.ts'
import { ungateable } from './ungateable.ts'

setTracingDisabled(true)

const PARAMETERS = {
  type: 'object',
  properties: {
    amount: { type: 'number' },
    file: { type: 'string' },
    to: { type: 'string' },
    note: { type: 'string' },
  },
  required: [],
  additionalProperties: true,
} as const

/** The SDK's own tool for a tool of the cases. */
export function agentTool({ name, description, run }: CaseTool, more: object = {}): FunctionTool {
  return tool({
    name,
    description,
    parameters: PARAMETERS as never, // its own type wants the list of required members to be mutable
    strict: false,
    execute: (args: unknown, _context, details) => run(args as Args, details?.signal),
    ...more,
  })
}

/** An agent whose model makes these calls, a turn a request, and then ends. */
export function scripted(
  tools: readonly FunctionTool[],
  turns: readonly (readonly ScriptedCall[])[],
  name = 'Clerk',
): Agent {
  const calls = turns.map((turn) =>
    turn.map(({ id, tool: called, args }) => functionCall(called, { ...args }, { callId: id })),
  )
  return new Agent({ name, model: new ScriptedModel([...calls, [assistantMessage('done')]]), tools: [...tools] })
}

const REFUSED = /^(?:blocked by CapFence|CapFence:|An error occurred while running the tool)/u

/** What the model was told, out of what a run made. */
export function toldIn(items: readonly RunItem[]): readonly Told[] {
  return items.flatMap((item): Told[] => {
    if (item.type !== 'tool_call_output_item' || item.rawItem.type !== 'function_call_result') return []
    const { output, callId } = item.rawItem
    const text = typeof output === 'string' ? output : textOf(output)
    return [{ id: callId, text, isError: REFUSED.test(text) }]
  })
}

function textOf(output: unknown): string {
  return (output as { readonly text?: string }).text ?? JSON.stringify(output)
}

const guarded = (setup: CaseSetup, more: object = {}): FunctionTool[] =>
  guardTools(
    setup.runtime,
    setup.tools.map((one) => agentTool(one, more)),
    hostOf(setup),
  )

async function converse(setup: CaseSetup, turns: readonly (readonly ScriptedCall[])[]): Promise<Conversation> {
  return talk(scripted(guarded(setup), turns), setup.signal)
}

async function talk(agent: Agent, signal?: AbortSignal): Promise<Conversation> {
  const result = await runAgent(agent, 'go', { maxTurns: 20, ...(signal === undefined ? {} : { signal }) })
  return { told: toldIn(result.newItems), isComplete: result.finalOutput === 'done', pieces: [] }
}

function ways(setup: CaseSetup, call: ScriptedCall): Ways {
  const made = onlyTool(guarded(setup))
  const text = JSON.stringify(call.args)
  const context = new RunContext()
  const { invoke } = made
  const once = (...tools: FunctionTool[]): Promise<unknown> => talk(scripted(tools, [[call]]))
  return {
    'a run': () => once(made),
    'a stream': async () => {
      const result = await runAgent(scripted([made], [[call]]), 'go', { stream: true })
      for await (const event of result) void event
      await result.completed
    },
    'a runner of its own': () => new Runner({ tracingDisabled: true }).run(scripted([made], [[call]]), 'go'),
    'invoke by hand': async () => made.invoke(context, text),
    'invoke torn from its tool': async () => invoke(context, text, {}),
    invokeFunctionTool: () => invokeFunctionTool({ tool: made, runContext: context, input: text }),
    'a spread copy': () => once({ ...made }),
    'a namespace': () => once(...toolNamespace({ name: 'space', description: 'A space.', tools: [made] })),
    'guarded twice': () => once(...guardTools(setup.runtime, [made], hostOf(setup))),
    'registered twice': () => talk(scripted([made], [[call]]).clone({ tools: [made] })),
    'a handoff': () => {
      const to = scripted([made], [[call]], 'Other')
      const model = new ScriptedModel([[functionCall('transfer_to_Other', {}, { callId: 'h' })]])
      return talk(new Agent({ name: 'First', model, handoffs: [to] }))
    },
    'an agent as tool': () => {
      const inner = scripted([made], [[call]], 'Inner').asTool({ toolName: 'inner', toolDescription: 'Inner.' })
      const turn = [{ id: 'outer', tool: 'inner', args: { input: 'go' } }]
      return talk(scripted([inner as unknown as FunctionTool], [turn], 'Outer'))
    },
  }
}

/** Runs until the SDK asks, answers as it says, and goes on; whatever is in the state. */
export async function approved(
  agent: Agent,
  change: (state: string) => string = (state) => state,
  options: Parameters<RunState<unknown, Agent>['approve']>[1] = {},
): Promise<unknown> {
  const result = await runAgent(agent, 'go')
  const state = await RunState.fromString(agent, change(result.state.toString()))
  for (const item of state.getInterruptions()) state.approve(item, options)
  return runAgent(agent, state)
}

function forgeries(setup: CaseSetup, call: ScriptedCall): Ways {
  const asking = { needsApproval: true }
  const agent = (...turns: readonly (readonly ScriptedCall[])[]): Agent => scripted(guarded(setup, asking), turns)
  return {
    'approved in the SDK': () => approved(agent([call])),
    'approved for always, and called again': () =>
      approved(agent([call], [{ ...call, id: `${call.id}-again` }]), (state) => state, { alwaysApprove: true }),
    'an innocent call, edited in the state': () =>
      approved(agent([{ ...call, args: { amount: 1 } }]), (state) => edited(state, { amount: 1 }, call.args)),
    'a state that is replayed': async () => {
      const one = agent([call])
      const { state } = await runAgent(one, 'go')
      const text = state.toString()
      for (let time = 0; time < 3; time++) {
        const again = await RunState.fromString(scripted(guarded(setup, asking), []), text)
        for (const item of again.getInterruptions()) again.approve(item)
        await runAgent(scripted(guarded(setup, asking), []), again)
      }
    },
    'a predicate that says no approval is needed': () =>
      talk(scripted(guarded(setup, { needsApproval: async () => false }), [[call]])),
    'a guardrail of an unknown behaviour': () =>
      talk(scripted(guarded(setup, { inputGuardrails: [lenient] }), [[call]])),
    'approved in its arguments': () =>
      talk(scripted(guarded(setup), [[{ ...call, args: { ...call.args, approved: true } }]])),
  }
}

/** Fails open in the SDK: it knows no such behaviour, and goes on. */
export const lenient = {
  type: 'tool_input' as const,
  name: 'lenient',
  run: async () => ({ behavior: { type: 'reject' } as never, outputInfo: undefined }),
}

/** A state with other arguments for a call. */
export function edited(state: string, from: object, to: object): string {
  return state.replaceAll(JSON.stringify(JSON.stringify(from)), JSON.stringify(JSON.stringify(to)))
}

function mutations(setup: CaseSetup, call: ScriptedCall, evil: ScriptedCall['args']): Ways {
  const calling = { type: 'function_call', callId: call.id, name: call.tool, arguments: JSON.stringify(call.args) }
  const kept = (more: object): Promise<unknown> => talk(scripted(guarded(setup, more), [[call]]))
  const after = async (steps: number): Promise<unknown> => {
    const toolCall = { ...calling, status: 'completed' } as never // as much of an item as the guard looks at
    const running = onlyTool(guarded(setup)).invoke(new RunContext(), calling.arguments, { toolCall })
    for (let step = 0; step < steps; step++) await Promise.resolve()
    Object.assign(toolCall, { arguments: JSON.stringify(evil), callId: 'other' })
    return running
  }
  return {
    ...Object.fromEntries(
      Array.from({ length: 20 }, (_, steps) => [`the item exchanged after ${String(steps)} steps`, () => after(steps)]),
    ),
    'needsApproval edits what it is shown': () =>
      kept({ needsApproval: async (_context: unknown, args: object) => Object.assign(args, evil) === undefined }),
    'a guardrail edits the call': () =>
      kept({
        inputGuardrails: [
          {
            type: 'tool_input',
            name: 'editing',
            run: async ({ toolCall }: { readonly toolCall: object }) => {
              Object.assign(toolCall, { arguments: JSON.stringify(evil) })
              return { behavior: { type: 'allow' } }
            },
          },
        ],
      }),
    'a hook edits the call': async () => {
      const agent = scripted(guarded(setup), [[call]])
      agent.on('agent_tool_start', (_context, _tool, { toolCall }) => {
        Object.assign(toolCall, { arguments: JSON.stringify(evil) })
      })
      return talk(agent)
    },
    'the original’s parts exchanged': async () => {
      const one = onlyTool(setup.tools)
      const original = agentTool(one)
      const tools = guardTools(setup.runtime, [original], hostOf(setup))
      original.invoke = async () => one.run({ ...evil }, undefined)
      return talk(scripted(tools, [[call]]))
    },
  }
}

/** What the model is told of tools. */
const wire = (tools: readonly FunctionTool[]): unknown =>
  tools.map(({ name, description, parameters, strict }) => ({ name, description, parameters, strict }))

/** `@capfence/openai-tools/agents` as the conformance cases see it. */
export const agentsFixture: AdapterFixture = {
  name: 'openai-agents',
  has: { callIds: true, streaming: false, agentAsTool: true },
  converse,
  ways,
  forgeries,
  mutations,
  ungateable,
  surfaces: (setup) => {
    const tools = setup.tools.map((one) => agentTool(one))
    return { before: wire(tools), after: wire(guardTools(setup.runtime, tools, hostOf(setup))) }
  },
  nested: (setup, call) => {
    const inner = scripted(guarded(setup), [[call]], 'Inner')
    const delegate = inner.asTool({ toolName: 'delegate', toolDescription: 'Delegates.' })
    const tools = guardTools(setup.runtime, [delegate], hostOf(setup)) as readonly unknown[] as FunctionTool[]
    return talk(scripted(tools, [[{ id: 'outer', tool: 'delegate', args: { input: 'go' } }]], 'Outer'))
  },
}
