import { createHash } from 'node:crypto'
import { actionDigest } from '../../src/action/action-digest.ts'
import { ActionEvent, type ActionEventInit } from '../../src/action/action-event.ts'
import type { ChainHead, ChainStore, StoredRecord, StoredValue } from '../../src/audit/chain-store.ts'
import { type HeadRecord, headRecord } from '../../src/audit/head-file.ts'
import type { DecisionDraft, OpenedDraft, OutcomeDraft, RecordDraft } from '../../src/audit/record-draft.ts'
import { genesisHead, seal } from '../../src/audit/seal.ts'
import { ed25519Signer } from '../../src/kernel/ed25519.ts'
import type { Signer } from '../../src/kernel/signer.ts'

/** The time of every record in these tests. */
export const AT = 1_790_000_000_000

/** Bytes that look random and are the same in every run. */
export function fixedIds(name = 'test'): { bytes(size: number): Uint8Array; id(): string } {
  let drawn = 0
  const bytes = (size: number): Uint8Array => {
    const blocks = Array.from({ length: Math.ceil(size / 32) }, () =>
      createHash('sha256')
        .update(`${name} ${String(drawn++)}`)
        .digest(),
    )
    return new Uint8Array(Buffer.concat(blocks).subarray(0, size))
  }
  return { bytes, id: () => Buffer.from(bytes(16)).toString('hex') }
}

/** The signer of the test key: a seed of 32 equal bytes. */
export function testSigner(byte = 7, name = 'writer'): Signer {
  return ed25519Signer(name, new Uint8Array(32).fill(byte))
}

export function testEvent(init: Partial<ActionEventInit> = {}): ActionEvent {
  return ActionEvent.create({
    id: 'event-1',
    actor: 'deployment-agent',
    action: 'delete',
    resource: 'filesystem.workspace',
    environment: 'production',
    risk: 'high',
    at: AT - 5,
    args: { command: 'rm -rf /var/lib/postgresql' },
    ...init,
  })
}

export function decision(draft: Partial<DecisionDraft> = {}): DecisionDraft {
  const event = draft.event ?? testEvent()
  return {
    kind: 'decision',
    writer: 'writer-1',
    event,
    digest: ActionEvent.is(event) ? actionDigest(event) : null,
    plan: null,
    facts: undefined,
    decision: 'deny',
    enforced: true,
    code: 'policy_deny',
    rule: 'deny[0]',
    rules: ['deny[0]'],
    observed: [],
    message: 'recursive deletes go through the ops runbook',
    policy: 'a'.repeat(64),
    grants: [],
    charges: [],
    request: undefined,
    outcome: 'none',
    ...draft,
  }
}

/** A decision that lets the event of that id run. */
export function allowed(id: string): DecisionDraft {
  const event = testEvent({ id, action: 'read', args: { path: `/workspace/${id}`, lines: 10 } })
  return decision({
    event,
    decision: 'allow',
    code: 'policy_allow',
    rule: 'allow[0]',
    rules: ['allow[0]'],
    outcome: 'open',
  })
}

export function outcome(seq: number, eventId: string, draft: Partial<OutcomeDraft> = {}): OutcomeDraft {
  return {
    kind: 'outcome',
    writer: 'writer-1',
    of: { chain: 'main', seq },
    eventId,
    outcome: 'succeeded',
    error: undefined,
    durationMs: 12,
    by: undefined,
    ...draft,
  }
}

export function opened(signer: Signer = testSigner()): OpenedDraft {
  return { kind: 'opened', writer: 'writer-1', vkey: signer.vkey, engine: 'test' }
}

/** The rows of a store, open to any edit. */
export interface Rows {
  heads: ChainHead[]
  records: Record<string, StoredRecord[]>
  values: Record<string, StoredValue[]>
}

/** A store over rows: it gives back whatever they hold, in order of `seq`. */
export function storeOf(rows: Rows): ChainStore {
  return {
    chains: async () => rows.heads,
    records: async ({ chain, from, limit }) =>
      (rows.records[chain] ?? [])
        .filter((row) => row.seq >= from)
        .toSorted((left, right) => left.seq - right.seq)
        .slice(0, limit),
    values: async ({ chain, from, to }) =>
      (rows.values[chain] ?? []).filter((value) => value.seq >= from && value.seq < to),
  }
}

export interface TrailOptions {
  readonly chain?: string
  readonly signer?: Signer
  readonly base?: string
  readonly ids?: ReturnType<typeof fixedIds>
}

/** Seals commits, one after another, into rows; the head after each is what a head file would remember. */
export async function trail(
  commits: readonly (readonly RecordDraft[])[],
  { chain = 'main', signer = testSigner(), base, ids = fixedIds(chain) }: TrailOptions = {},
): Promise<{ rows: Rows; remembered: HeadRecord[]; signer: Signer }> {
  let head = genesisHead({ chain, vkey: signer.vkey, ids, base })
  const rows: Rows = { heads: [head], records: { [chain]: [] }, values: { [chain]: [] } }
  const remembered: HeadRecord[] = []
  for (const drafts of commits) {
    const sealed = await seal({ head, drafts, at: AT, signer, ids })
    head = sealed.head
    rows.heads = [head]
    rows.records[chain]?.push(...sealed.records)
    rows.values[chain]?.push(...sealed.values)
    const last = sealed.records.at(-1)
    if (last !== undefined) remembered.push(headRecord(head, last, AT))
  }
  return { rows, remembered, signer }
}

/** The trail that most tests begin with: 8 records in 4 commits, of 1, 3, 1 and 3. */
export async function sampleTrail(options: TrailOptions = {}): ReturnType<typeof trail> {
  const chain = options.chain ?? 'main'
  const of = (seq: number): { of: { chain: string; seq: number } } => ({ of: { chain, seq } })
  return trail(
    [
      [opened(options.signer)],
      [decision(), allowed('read-1'), allowed('read-2')],
      [outcome(2, 'read-1', of(2))],
      [outcome(3, 'read-2', { ...of(3), outcome: 'failed', error: 'TypeError' }), decision(), allowed('read-3')],
    ],
    options,
  )
}
