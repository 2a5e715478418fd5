import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type ActionEventInit,
  type ActionRuntime,
  type BaseDBEngine,
  type CapFence,
  openCapFence,
} from '@capfence/core'
import { MemoryEngine } from '@capfence/core/memory'
import { SqliteEngine } from '@capfence/core/sqlite'
import { ed25519Signer } from '../src/kernel/ed25519.ts'
import type { Signer } from '../src/kernel/signer.ts'

/** Whose approvals count in the benchmarks. */
export const ALICE: Signer = ed25519Signer('alice', new Uint8Array(32).fill(1))

const POLICY = `version: 1
approvers: { alice: "${ALICE.vkey}" }
approvals: { max_pending: 100000 }
deny:
  - id: no-sending-after-mail
    capability: mail.send
    after: { capability: mail.read, within: 1h, by: actor }
require_approval:
  - { id: pushes, capability: github.push }
allow:
  - filesystem.read.workspace
  - mail.send.outside
  - id: payments
    capability: payment.execute.card
    limit: { sum: amount, max: 1000000000000, per: 24h, by: actor }
`

/** Engines of the benchmarks, each a store of its own in a folder. */
export const ENGINES: Readonly<Record<'memory' | 'sqlite', (folder: string, name: string) => BaseDBEngine>> = {
  memory: () => new MemoryEngine(),
  sqlite: (folder, name) => new SqliteEngine({ path: join(folder, `${name}.db`) }),
}

/** A gate with what a benchmark needs to know of it. */
export interface Bench {
  readonly fence: CapFence
  readonly engine: BaseDBEngine
  close(): Promise<void>
}

/** Opens a gate on an engine, with a trail that has begun. */
export async function openBench(folder: string, engine: BaseDBEngine): Promise<Bench> {
  const policy = join(folder, 'approvals.yaml')
  writeFileSync(policy, POLICY)
  const fence = await openCapFence({ policy, db: engine, deadlineMs: 120_000 })
  await decided(fence.runtime, [event('read', 'filesystem.workspace')], { callers: 1, code: 'policy_allow' })
  return {
    fence,
    engine,
    close: async () => {
      await fence.close()
      await engine.close()
    },
  }
}

let events = 0

/** An event of its own: no two have the same arguments. */
export function event(action: string, resource: string, actor = 'agent'): ActionEventInit {
  const args = { amount: 1, file: 'notes/today.md', number: ++events }
  return { actor, action, resource, environment: 'production', risk: 'low', args }
}

/** Decides events by some callers at once; answers what each waited, in milliseconds. Another code than that throws. */
export async function decided(
  runtime: ActionRuntime,
  asked: readonly ActionEventInit[],
  { callers, code }: { readonly callers: number; readonly code: string },
): Promise<readonly number[]> {
  const waits: number[] = []
  const left = asked.values()
  const caller = async (): Promise<void> => {
    for (const each of left) {
      const startedAt = performance.now()
      const { reason } = await runtime.execute(each)
      if (reason.code !== code) throw new Error(`${reason.code}, not ${code}: ${reason.message}`)
      waits.push(performance.now() - startedAt)
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  return waits
}
