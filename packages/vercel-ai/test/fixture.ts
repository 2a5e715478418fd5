import type { AdapterFixture, CaseSetup, ScriptedCall } from '@capfence/conformance'
import { guardTools } from '@capfence/vercel-ai'
import type { ToolSet } from 'ai'
import { forgeriesOf } from './forgeries.ts'
import { mutationsOf } from './mutations.ts'
import { INPUT, rawTools } from './raw-tools.ts'
import type { Sdk } from './sdk.ts'
import { type Talk, generated } from './talk.ts'
import { ungateableTools } from './ungateable-tools.ts'
import { waysOf } from './ways.ts'

/** How the tools of a fixture get their guard: the adapter, or a naive one that shows what a case can see. */
type Guard = (setup: CaseSetup, tools: ToolSet) => ToolSet

/** The adapter itself. */
const guarded: Guard = ({ runtime, host, run }, tools) => guardTools(runtime, tools, { ...host, runOf: () => run })

export interface FixtureOptions {
  readonly sdk: Sdk
  readonly talk: Talk
  readonly streams: boolean
  readonly guard?: Guard
}

/** The real SDK, one of its ways to run an agent, and the guard. */
export function vercelFixture({ sdk, talk, streams, guard = guarded }: FixtureOptions): AdapterFixture {
  const toolsOf = (setup: CaseSetup): ToolSet => guard(setup, rawTools(setup.tools))
  return {
    name: `vercel-ai ${String(sdk.major)}`,
    has: { callIds: true, streaming: streams, agentAsTool: true },
    converse: (setup, turns) => talk(sdk, toolsOf(setup), { turns, signal: setup.signal }),
    ways: (setup, call) => waysOf(sdk, toolsOf(setup), call),
    forgeries: (setup, call) => forgeriesOf(sdk, toolsOf(setup), call),
    mutations: (setup, call, evil) => mutationsOf(sdk, toolsOf(setup), { call, evil }),
    ungateable: (setup) =>
      Object.fromEntries(
        Object.entries(ungateableTools).map(([name, tool]) => [
          name,
          (ungated) => guard({ ...setup, host: { ...setup.host, ungated } }, { [name]: tool }),
        ]),
      ),
    surfaces: (setup) => ({
      before: toolsAsAsked(sdk, rawTools(setup.tools)),
      after: toolsAsAsked(sdk, toolsOf(setup)),
    }),
    nested: (setup, call) => nested(sdk, { talk, setup, guard }, call),
  }
}

/** The tools as the model gets to see them. */
async function toolsAsAsked(sdk: Sdk, tools: ToolSet): Promise<unknown> {
  const { model, asked } = sdk.model([])
  await sdk.ai.generateText({ model, tools, prompt: 'go' })
  return asked[0]?.tools
}

interface Nesting {
  readonly talk: Talk
  readonly setup: CaseSetup
  readonly guard: Guard
}

function nested(sdk: Sdk, { talk, setup, guard }: Nesting, call: ScriptedCall) {
  const inner = guard(setup, rawTools(setup.tools))
  const delegate: ToolSet = {
    delegate: {
      description: 'Asks another agent.',
      inputSchema: INPUT,
      execute: async () => (await generated(sdk, inner, { turns: [[call]] })).told.map(({ text }) => text),
    },
  }
  return talk(sdk, guard(setup, delegate), { turns: [[{ id: 'outer', tool: 'delegate', args: {} }]] })
}
