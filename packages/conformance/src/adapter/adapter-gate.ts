import {
  ActionRuntime,
  ApprovalEngine,
  type BaseDBEngine,
  CapabilitySystem,
  ImmutableAuditTrail,
  type Machine,
  type Signer,
  machine,
} from '@capfence/core'
import { type DecisionBody, type OutcomeBody, type RecordBody, decodeBody, ed25519Signer } from '@capfence/core/audit'
import { MemoryEngine } from '@capfence/core/memory'
import { parsePolicyText } from '@capfence/core/policy'
import type { CaseSetup, CaseTool } from './adapter-fixture.ts'

/** The approver that the policy names, and one that it does not. */
export const alice: Signer = ed25519Signer('alice', new Uint8Array(32).fill(1))
export const mallory: Signer = ed25519Signer('mallory', new Uint8Array(32).fill(3))
const writer = ed25519Signer('writer', new Uint8Array(32).fill(2))

/** The actor of every case. */
export const ACTOR = 'agent'

/** The MCP server whose tools the policy of the cases names beside plain ones. */
const SERVER = 'cases'

const TOOLS = `  read: { capability: filesystem.read.workspace }
  wipe: { capability: filesystem.delete.workspace }
  pay: { capability: payment.execute.card, amount: amount }
  buy: { capability: payment.execute.shop, amount: amount }
  report: { capability: report.read.stream }
  delegate: { capability: agent.call.helper }
`

const POLICY = `version: 1
approvers: { alice: "${alice.vkey}" }
tools:
${TOOLS}${TOOLS.replaceAll(/^ {2}/gmu, `  mcp.${SERVER}.`)}deny:
  - { id: no-wiping, capability: filesystem.delete.workspace }
require_approval:
  - { id: big-payments, capability: payment.execute.card, amount_gt: 1000 }
allow:
  - { id: reading, capability: filesystem.read.workspace }
  - { id: small-payments, capability: payment.execute.card, amount_lte: 1000 }
  - { id: shopping, capability: payment.execute.shop, limit: { sum: amount, max: 100, per: 24h, by: actor } }
  - { id: reporting, capability: report.read.stream }
  - { id: delegating, capability: agent.call.helper }
`

/** What a case changes of its gate. */
export interface GateOptions {
  readonly engine?: (memory: BaseDBEngine) => BaseDBEngine
  readonly signer?: Signer
  readonly deadlineMs?: number
  /** Breaks the policy once it is loaded. */
  readonly breakPolicy?: (system: CapabilitySystem) => CapabilitySystem
}

/** A gate over an engine in memory, on a clock that stands until the case moves it. */
export interface AdapterGate {
  readonly runtime: ActionRuntime
  readonly approvals: ApprovalEngine
  readonly clock: { now: number }
  /** What an adapter is handed: these tools behind this gate. */
  readonly setup: (tools: readonly CaseTool[], more?: Partial<CaseSetup>) => CaseSetup
  readonly records: () => Promise<readonly RecordBody[]>
  readonly decisions: () => Promise<readonly DecisionBody[]>
  readonly outcomes: () => Promise<readonly OutcomeBody[]>
}

/** Opens a gate that shares nothing with any other. */
export async function adapterGate(options: GateOptions = {}): Promise<AdapterGate> {
  const clock = { now: 1_800_000_000_000 }
  const ports = machineAt(clock)
  const memory = new MemoryEngine({ machine: ports })
  const system = new CapabilitySystem()
  system.usePolicy(await parsePolicyText(POLICY))
  const approvals = new ApprovalEngine({ machine: ports })
  const runtime = new ActionRuntime({
    capabilitySystem: options.breakPolicy?.(system) ?? system,
    approvalEngine: approvals,
    auditTrail: new ImmutableAuditTrail({ machine: ports }),
    engine: options.engine?.(memory) ?? memory,
    signer: options.signer ?? writer,
    deadlineMs: options.deadlineMs ?? 60_000,
    machine: ports,
    onFault: () => undefined, // the cases look at what ran and at the records
  })
  const records = async (): Promise<readonly RecordBody[]> =>
    (await memory.records({ chain: 'main', from: 0, limit: 10_000 })).map(({ body }) => decodeBody(body))
  return {
    runtime,
    approvals,
    clock,
    setup: (tools, more = {}) => ({
      runtime,
      tools,
      host: { actor: ACTOR, environment: 'test' },
      run: 'run-1',
      ...more,
    }),
    records,
    decisions: async () => (await records()).flatMap((body) => (body.kind === 'decision' ? [body] : [])),
    outcomes: async () => (await records()).flatMap((body) => (body.kind === 'outcome' ? [body] : [])),
  }
}

function machineAt(clock: { readonly now: number }): Machine {
  const real = machine()
  return { ...real, clock: { ...real.clock, now: () => clock.now } }
}

/** Approves the one request that waits. */
export async function approveOnly({ approvals }: AdapterGate, by: Signer = alice): Promise<void> {
  const [request, ...others] = await approvals.pending()
  if (request === undefined || others.length > 0) throw new Error('expected exactly one request to wait for approval')
  await approvals.approve(request.id, { by })
}
