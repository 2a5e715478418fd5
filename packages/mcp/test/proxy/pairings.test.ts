import { type AdapterCase, adapterCases } from '@capfence/conformance'
import { describe, onTestFinished, test, vi } from 'vitest'
import type { ProxyPairing } from './fixture/pairing.ts'
import { proxyFixture } from './fixture/proxy-fixture.ts'

vi.setConfig({ testTimeout: 60_000 })

const MAJORS = [1, 2] as const
const PAIRS = MAJORS.flatMap((client) => MAJORS.map((server) => ({ client, server })))
const OVER_HTTP = PAIRS.map((pair): ProxyPairing => ({ ...pair, over: 'http' }))
const OVER_STDIO = PAIRS.map((pair): ProxyPairing => ({ ...pair, over: 'stdio' }))

const DOES_NOT_APPLY = new Set([
  // A proxy judges every message: there is nothing that it could not guard.
  'a-tool-that-cannot-be-guarded-is-refused-when-it-is-wrapped',
  'a-tool-goes-without-a-guard-only-on-the-record-and-by-its-own-name',
  // Who calls whom is known within a process; between two of them a host has to say it (`--actor`).
  'what-an-agent-calls-through-a-tool-is-known-to-be-called-through-it',
  // The case gives up while the decision is made, and the word of it takes longer: see `stdio.test.ts`.
  'a-call-that-is-given-up-before-its-verdict-never-runs-and-is-recorded',
])
const CASES = adapterCases.filter(({ id, needs }) => needs !== 'streaming' && !DOES_NOT_APPLY.has(id))

async function keeps(pairing: ProxyPairing, { run }: AdapterCase): Promise<void> {
  const open: (() => Promise<void>)[] = []
  onTestFinished(async () => {
    await Promise.allSettled(open.map((close) => close()))
  })
  await run(proxyFixture(pairing, (close) => open.push(close)))
}

// Every pairing runs every case over HTTP; over stdio, where each connection is a process, the pairings take turns.
describe.each(OVER_HTTP)('client v$client, server v$server, over $over', (pairing) => {
  test.each(CASES)('$id', (adapterCase) => keeps(pairing, adapterCase))
})

describe.each(OVER_STDIO.map((pairing, turn) => ({ ...pairing, turn })))(
  'client v$client, server v$server, over $over',
  ({ turn, ...pairing }) => {
    const cases = CASES.filter((_case, index) => index % OVER_STDIO.length === turn)
    test.each(cases)('$id', (adapterCase) => keeps(pairing, adapterCase))
  },
)
