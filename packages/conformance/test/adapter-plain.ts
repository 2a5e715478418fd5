import type { AdapterFixture, CaseSetup, Conversation, ScriptedCall, Told } from '@capfence/conformance'
import { type Ungated, guard, guardStream, hostCall, refuseUngateable } from '@capfence/core'

/** A tool of the plainest framework there could be. */
interface PlainTool {
  readonly name: string
  readonly description: string
  readonly execute: (args: Record<string, unknown>, request: PlainRequest) => unknown
}

interface PlainRequest {
  readonly id: string
  readonly signal?: AbortSignal | undefined
  readonly isApproved?: boolean
}

function plainTools({ tools }: CaseSetup): readonly PlainTool[] {
  return tools.map((tool) => ({
    name: tool.name,
    description: tool.description,
    execute: (args, { signal }) => tool.stream?.(args) ?? tool.run(args, signal),
  }))
}

function guardPlain(
  setup: CaseSetup,
  tools: readonly PlainTool[],
  streaming: ReadonlySet<string>,
): readonly PlainTool[] {
  const { runtime, host, run } = setup
  return tools.map((tool) => {
    const execute: PlainTool['execute'] = (args, request) => {
      const { id, signal } = request
      const call = hostCall(
        { ...host, runOf: () => run },
        { adapter: 'plain', tool: tool.name, args, request, callId: id, signal },
      )
      return streaming.has(tool.name)
        ? guardStream(runtime, call, (judged) => tool.execute(judged, request) as AsyncIterable<string>)
        : guard(runtime, call, (judged, context) => tool.execute(judged, { ...request, signal: context.signal }))
    }
    return { ...tool, execute }
  })
}

function guarded(setup: CaseSetup, more: readonly PlainTool[] = []): ReadonlyMap<string, PlainTool> {
  const streaming = new Set(setup.tools.flatMap(({ name, stream }) => (stream === undefined ? [] : [name])))
  return new Map(guardPlain(setup, [...plainTools(setup), ...more], streaming).map((tool) => [tool.name, tool]))
}

type Turns = readonly (readonly ScriptedCall[])[]

async function loop(tools: ReadonlyMap<string, PlainTool>, turns: Turns, signal?: AbortSignal): Promise<Conversation> {
  const told: Told[] = []
  const pieces: string[] = []
  const answer = async ({ id, tool, args }: ScriptedCall): Promise<Told> => {
    try {
      const result = await taken(tools.get(tool)?.execute(structuredClone(args), { id, signal }), pieces)
      return { id, text: JSON.stringify(result), isError: false }
    } catch (cause) {
      return { id, text: String(cause), isError: true }
    }
  }
  for (const calls of turns) told.push(...(await Promise.all(calls.map(answer))))
  return { told, isComplete: true, pieces }
}

async function taken(result: unknown, pieces: string[]): Promise<unknown> {
  if (typeof result !== 'object' || result === null || !(Symbol.asyncIterator in result)) return result
  let last: unknown
  for await (const piece of result as AsyncIterable<string>) pieces.push((last = piece))
  return last
}

/** The cases' own adapter: what is wrong with a case or a mutant shows here, without any framework. */
export const plainFixture: AdapterFixture = {
  name: 'plain',
  has: { callIds: true, streaming: true, agentAsTool: true },
  converse: (setup, turns) => loop(guarded(setup), turns, setup.signal),
  ways: (setup, { id, tool, args }) => ({
    execute: async () =>
      guarded(setup)
        .get(tool)
        ?.execute({ ...args }, { id }),
  }),
  forgeries: (setup, { id, tool, args }) => ({
    approved: async () =>
      guarded(setup)
        .get(tool)
        ?.execute({ ...args }, { id, isApproved: true }),
  }),
  mutations: (setup, { id, tool, args }, evil) => ({
    'while-it-is-judged': async () => {
      const own = { ...args }
      const running = guarded(setup).get(tool)?.execute(own, { id })
      Object.assign(own, evil)
      return running
    },
  }),
  ungateable: () => ({
    elsewhere: (ungated?: Ungated) => {
      refuseUngateable('elsewhere', 'a provider runs it', ungated)
    },
  }),
  surfaces: (setup) => ({
    before: plainTools(setup).map(({ name, description }) => ({ name, description })),
    after: [...guarded(setup).values()].map(({ name, description }) => ({ name, description })),
  }),
  nested: (setup, call) => {
    const delegate: PlainTool = {
      name: 'delegate',
      description: 'Asks another agent.',
      execute: async () => (await loop(guarded(setup), [[call]])).told.map(({ text }) => text),
    }
    return loop(guarded(setup, [delegate]), [[{ id: 'outer', tool: 'delegate', args: {} }]])
  },
}
