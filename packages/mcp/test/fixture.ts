import type { AdapterFixture, CaseSetup, CaseTool, Conversation, ScriptedCall, Told } from '@capfence/conformance'
import type { Ungated } from '@capfence/core'
import { type McpOptions, callbackGuard, guardFetch, guardTransport } from '@capfence/mcp'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js'
import { createMcpHandler } from '@modelcontextprotocol/server'
import { type Doors, forgeries, mutations, ways } from './attacks.ts'
import { CALL_ID, type Wire, namedCalls } from './named-calls.ts'
import type { SdkClient, SdkConnect } from './sdk-clients.ts'
import { type Around, type SdkServer, type ToolResult, factoryV2 } from './sdk-servers.ts'

/** One pairing: who talks to whom, and where the gate stands. */
export interface Pairing {
  readonly client: SdkConnect
  readonly server: SdkServer
  readonly gate: 'at the server' | 'at the client'
}

/** The options of a case's gate. */
export function optionsOf({ host, run }: Pick<CaseSetup, 'host' | 'run'>): McpOptions {
  return { ...host, server: 'cases', runOf: () => run }
}

/** Two ends in memory. */
export function pair(): readonly [Wire, Wire] {
  return InMemoryTransport.createLinkedPair() as readonly Wire[] as [Wire, Wire] // either SDK's own types are narrower
}

/** Two ends in memory, the gate at one of them. */
function guardedPair(setup: CaseSetup, gate: Pairing['gate']): readonly [Wire, Wire] {
  const [client, server] = pair()
  const guarded = (wire: Wire): Wire => guardTransport(setup.runtime, wire, optionsOf(setup))
  return gate === 'at the server' ? [client, guarded(server)] : [guarded(client), server]
}

/** The text of a tool's result. */
export function textOf({ content }: ToolResult): string {
  return content.map(({ text }) => text).join('')
}

async function told(client: SdkClient, { id, tool, args }: ScriptedCall, signal?: AbortSignal): Promise<Told> {
  try {
    const result = await client.callTool({ name: tool, arguments: args, _meta: { [CALL_ID]: id } }, signal)
    return { id, text: textOf(result), isError: result.isError === true }
  } catch (cause) {
    return { id, text: String(cause), isError: true }
  }
}

type Turns = readonly (readonly ScriptedCall[])[]

async function loop(client: SdkClient, turns: Turns, signal?: AbortSignal): Promise<Conversation> {
  const all: Told[] = []
  for (const calls of turns) all.push(...(await Promise.all(calls.map((call) => told(client, call, signal)))))
  await client.close()
  return { told: all, isComplete: true, pieces: [] }
}

interface FixtureInit extends Doors {
  /** A client of the same tools without a gate. */
  readonly bare: (setup: CaseSetup) => Promise<SdkClient>
  readonly ungateable: AdapterFixture['ungateable']
}

function fixture(init: FixtureInit): AdapterFixture {
  const { open, bare, ungateable } = init
  return {
    name: 'mcp',
    server: 'cases',
    has: { callIds: true, streaming: false, agentAsTool: true },
    converse: async (setup, turns) => loop(await open(setup), turns, setup.signal),
    ways: (setup, call) => ways(init, setup, call),
    forgeries: (setup, call) => forgeries(init, setup, call),
    mutations: (setup, call, evil) => mutations(init, setup, { call, evil }),
    ungateable,
    surfaces: (setup) => ({ before: listed(bare(setup)), after: listed(open(setup)) }),
    nested: async (setup, call) => {
      const delegate: CaseTool = {
        name: 'delegate',
        description: 'Asks another agent.',
        run: async () => (await loop(await open(setup), [[call]])).told.map(({ text }) => text),
      }
      const outer = { ...setup, tools: [...setup.tools, delegate], run: `${setup.run} outer` }
      return loop(await open(outer), [[{ id: 'outer', tool: 'delegate', args: {} }]])
    },
  }
}

async function listed(client: Promise<SdkClient>): Promise<readonly unknown[]> {
  return (await client).listTools()
}

async function bareClient(
  { tools }: CaseSetup,
  { client, server }: Pick<Pairing, 'client' | 'server'>,
): Promise<SdkClient> {
  const [near, far] = pair()
  await server.serve(tools, far)
  return client.connect(near)
}

/** `guardTransport` as the conformance cases see it. */
export function transportFixture({ client, server, gate }: Pairing): AdapterFixture {
  return fixture({
    open: async (setup) => {
      const [near, far] = guardedPair(setup, gate)
      await server.serve(setup.tools, far)
      return client.connect(namedCalls(near))
    },
    wire: async (setup) => {
      const [near, far] = guardedPair(setup, gate)
      await server.serve(setup.tools, far)
      await near.start()
      return near
    },
    bare: (setup) => bareClient(setup, { client, server }),
    ungateable: (setup) => ({
      'a transport that is connected already': (ungated?: Ungated) => {
        const [, wire] = pair()
        wire.onmessage = () => undefined
        return guardTransport(setup.runtime, wire, {
          ...optionsOf(setup),
          ...(ungated === undefined ? {} : { ungated }),
        })
      },
    }),
  })
}

/** `callbackGuard` as the conformance cases see it. */
export function callbackFixture({ client, server }: Pick<Pairing, 'client' | 'server'>): AdapterFixture {
  const around = (setup: CaseSetup, ungated?: Ungated): Around =>
    callbackGuard(setup.runtime, { ...optionsOf(setup), ...(ungated === undefined ? {} : { ungated }) })
  const served = async (setup: CaseSetup): Promise<Wire> => {
    const [near, far] = pair()
    await server.serve(setup.tools, far, around(setup))
    return near
  }
  return fixture({
    open: async (setup) => client.connect(namedCalls(await served(setup))),
    wire: async (setup) => {
      const near = await served(setup)
      await near.start()
      return near
    },
    bare: (setup) => bareClient(setup, { client, server }),
    ungateable: (setup) => ({
      'the handlers of a task': (ungated?: Ungated) => {
        const handlers = { createTask: () => ({}), getTask: () => ({}), getTaskResult: () => ({}) }
        return around(setup, ungated)('slow', handlers as never) // no callback: that is the attack
      },
    }),
  })
}

/** `guardFetch` over `createMcpHandler` as the conformance cases see it. */
export function fetchFixture(client: SdkConnect): AdapterFixture {
  const connect = (handle: (request: Request) => Promise<Response>): Promise<SdkClient> => {
    const url = new URL('http://localhost/mcp')
    const transport = new StreamableHTTPClientTransport(url, { fetch: (to, init) => handle(new Request(to, init)) })
    return client.connect(namedCalls(transport))
  }
  const handler = ({ tools }: CaseSetup) => createMcpHandler(factoryV2(tools)).fetch
  return fixture({
    open: (setup) => connect(guardFetch(setup.runtime, handler(setup), optionsOf(setup))),
    bare: (setup) => connect(handler(setup)),
    ungateable: () => ({}),
  })
}
