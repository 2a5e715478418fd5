import {
  ActionRuntime,
  ApprovalEngine,
  type BaseDBEngine,
  CapabilitySystem,
  ImmutableAuditTrail,
  type Signer,
} from '@capfence/core'
import { type DecisionBody, type OutcomeBody, type RecordBody, decodeBody, ed25519Signer } from '@capfence/core/audit'
import { MemoryEngine } from '@capfence/core/memory'
import { parsePolicyText } from '@capfence/core/policy'
import { type McpOptions, type MessageGate, messageGate } from '@capfence/mcp'
import { settled } from './attacks.ts'

const alice: Signer = ed25519Signer('alice', new Uint8Array(32).fill(1))

const POLICY = `version: 1
approvers: { alice: "${alice.vkey}" }
deny:
  - mcp.files.wipe
  - { id: no-secrets, capability: mcp.files.resources.read, args: { uri: { contains: secret } } }
require_approval:
  - { id: paying, capability: mcp.files.pay }
allow:
  - mcp.files.read
  - { id: twice, capability: mcp.files.buy, limit: { count: true, max: 2, per: 1h, by: actor } }
  - { id: forms, capability: mcp.files.form, args: { "inputResponses.sum.content.sum": { lte: 10, present: true } } }
  - { id: forms-at-first, capability: mcp.files.form, args: { inputResponses: { present: false } } }
  - mcp.files.resources.read
  - { id: small, capability: mcp.files.sized, args: { n: { lte: 10 } } }
  - { id: bobs, capability: mcp.files.own, actor: bob }
`

/** A message as the tests look at it. */
export interface Rpc {
  readonly id?: unknown
  readonly method?: string
  readonly params?: Record<string, unknown>
  readonly result?: { readonly isError?: boolean; readonly content?: readonly { readonly text: string }[] } & Record<
    string,
    unknown
  >
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown }
}

/** A gate between two ends that remember what reached them. */
export interface Line {
  readonly gate: MessageGate
  readonly runtime: ActionRuntime
  readonly toServer: Rpc[]
  readonly toClient: Rpc[]
  readonly decisions: () => Promise<readonly DecisionBody[]>
  readonly outcomes: () => Promise<readonly OutcomeBody[]>
  readonly approve: () => Promise<void>
  /** What the client was answered to a call that the server answers at once, where it gets it. */
  readonly ask: (message: object, answer?: object) => Promise<Rpc | undefined>
}

/** What a test changes. */
export interface LineInit extends Partial<McpOptions> {
  readonly engine?: (memory: BaseDBEngine) => BaseDBEngine
  readonly onServer?: (message: Rpc) => void
  readonly onFault?: (cause: unknown) => void
}

/** Opens a line of its own. */
export async function line({ engine: wrap, onServer, onFault, ...options }: LineInit = {}): Promise<Line> {
  const memory = new MemoryEngine()
  const engine = wrap?.(memory) ?? memory
  const capabilitySystem = new CapabilitySystem()
  capabilitySystem.usePolicy(await parsePolicyText(POLICY))
  const approvals = new ApprovalEngine()
  const runtime = new ActionRuntime({
    capabilitySystem,
    approvalEngine: approvals,
    auditTrail: new ImmutableAuditTrail(),
    engine,
    signer: ed25519Signer('test', new Uint8Array(32).fill(7)),
  })
  const [toServer, toClient]: [Rpc[], Rpc[]] = [[], []]
  const host = { actor: 'agent', environment: 'test', server: 'files', ...options }
  const gate = messageGate(runtime, host, {
    toServer: (message) => {
      toServer.push(message as Rpc)
      onServer?.(message as Rpc)
    },
    toClient: (message) => void toClient.push(message as Rpc),
    onFault,
  })
  const records = async (): Promise<readonly RecordBody[]> =>
    (await memory.records({ chain: 'main', from: 0, limit: 1000 })).map(({ body }) => decodeBody(body))
  return {
    gate,
    runtime,
    toServer,
    toClient,
    decisions: async () => (await records()).flatMap((body) => (body.kind === 'decision' ? [body] : [])),
    outcomes: async () => (await records()).flatMap((body) => (body.kind === 'outcome' ? [body] : [])),
    approve: async () => {
      const [request] = await approvals.pending()
      if (request === undefined) throw new Error('no request waits')
      await approvals.approve(request.id, { by: alice })
    },
    ask: async (message, answer = { result: { content: [{ type: 'text', text: 'done' }] } }) => {
      const [sent, told] = [toServer.length, toClient.length]
      void gate.fromClient(message)
      await settled()
      const got = toServer[sent]
      if (got !== undefined) await gate.fromServer({ jsonrpc: '2.0', id: got.id, ...answer })
      await settled()
      return toClient[told]
    },
  }
}

/** A `tools/call` as a client sends it. */
export function toolsCall(id: unknown, name: unknown, args: unknown = {}): CallMessage {
  return { jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: args } }
}

interface CallMessage extends Record<string, unknown> {
  readonly params: Record<string, unknown>
}

/** The same call with more beside its arguments. */
export function withParams(message: CallMessage, more: object): CallMessage {
  return { ...message, params: { ...message.params, ...more } }
}

/** Any other request. */
export function request(id: unknown, method: string, params: object = {}): Record<string, unknown> {
  return { jsonrpc: '2.0', id, method, params }
}

/** A notification. */
export function notification(method: string, params: object = {}): Record<string, unknown> {
  return { jsonrpc: '2.0', method, params }
}

/** The text of a tool's result. */
export function toldText(message: Rpc | undefined): string {
  return message?.result?.content?.map(({ text }) => text).join('') ?? ''
}
