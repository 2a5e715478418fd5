import { claim, same } from '../engine/claims.ts'
import type { AdapterCase } from './adapter-case.ts'
import type { AdapterFixture, CaseSetup, Conversation, ScriptedCall } from './adapter-fixture.ts'
import { ACTOR, type AdapterGate, adapterGate, alice, approveOnly, mallory } from './adapter-gate.ts'
import { SECRET, type Spy, call, ranWith, spy, toldOf, toldRefusal, toldResult } from './case-tools.ts'

const BIG: ScriptedCall['args'] = { amount: 5000, note: SECRET }
const YEAR_MS = 365 * 24 * 3_600_000

interface Till {
  readonly gate: AdapterGate
  readonly pay: Spy
  readonly setup: CaseSetup
  /** The model pays, in a conversation of its own. */
  readonly pays: (id: string, args?: ScriptedCall['args']) => Promise<Conversation>
}

async function till(fixture: AdapterFixture): Promise<Till> {
  const gate = await adapterGate()
  const pay = spy('pay')
  const setup = gate.setup([pay.tool])
  return { gate, pay, setup, pays: (id, args = BIG) => fixture.converse(setup, [[call(id, 'pay', args)]]) }
}

/** What it takes for a call that a human must approve to run. */
export const approvalCases: readonly AdapterCase[] = [
  {
    id: 'an-approval-in-the-core-lets-the-call-run-once',
    run: async (fixture) => {
      const { gate, pay, pays } = await till(fixture)
      toldRefusal(toldOf(await pays('c1'), 'c1'), 'big-payments')
      toldRefusal(toldOf(await pays('c2'), 'c2'), 'big-payments')
      same((await gate.approvals.pending()).length, 1, 'the requests that wait, the same action asked twice')
      await approveOnly(gate)
      ranWith(pay)
      toldResult(await pays('c3'), 'c3')
      toldRefusal(toldOf(await pays('c4'), 'c4'), 'big-payments')
      ranWith(pay, BIG)
    },
  },
  {
    id: 'an-approval-counts-for-its-own-arguments-only',
    run: async (fixture) => {
      const { gate, pay, pays } = await till(fixture)
      await pays('c1')
      await approveOnly(gate)
      toldRefusal(toldOf(await pays('c2', { ...BIG, amount: 5001 }), 'c2'), 'big-payments')
      toldRefusal(toldOf(await pays('c3', { ...BIG, to: 'mallory' }), 'c3'), 'big-payments')
      ranWith(pay)
    },
  },
  {
    id: 'an-approval-by-a-stranger-lets-nothing-run',
    run: async (fixture) => {
      const { gate, pay, pays } = await till(fixture)
      await pays('c1')
      // Refused when it is handed in, or without effect: either way nothing runs.
      await Promise.allSettled([approveOnly(gate, mallory)])
      await pays('c2')
      ranWith(pay)
    },
  },
  {
    id: 'no-approval-that-is-forged-in-the-framework-lets-a-call-run',
    run: async (fixture) => {
      const asked = call('c1', 'pay', BIG)
      for (const name of Object.keys(fixture.forgeries((await till(fixture)).setup, asked))) {
        for (const isAsked of [false, true]) {
          const { pay, setup, pays } = await till(fixture)
          if (isAsked) await pays('c0')
          await Promise.allSettled([fixture.forgeries(setup, asked)[name]?.()])
          claim(pay.runs.length === 0, `the forgery \`${name}\` ran the tool`)
        }
      }
    },
  },
  {
    id: 'an-approval-that-is-replayed-through-the-framework-runs-no-second-time',
    run: async (fixture) => {
      const asked = call('c1', 'pay', BIG)
      for (const name of Object.keys(fixture.forgeries((await till(fixture)).setup, asked))) {
        const { gate, pay, setup, pays } = await till(fixture)
        await pays('c0')
        await approveOnly(gate)
        await pays('c2')
        ranWith(pay, BIG)
        await Promise.allSettled([fixture.forgeries(setup, asked)[name]?.()])
        claim(pay.runs.length === 1, `the forgery \`${name}\` ran the tool on an approval that was used`)
      }
    },
  },
  {
    id: 'an-approval-that-has-expired-lets-nothing-run',
    run: async (fixture) => {
      const { gate, pay, pays } = await till(fixture)
      await pays('c1')
      await approveOnly(gate)
      gate.clock.now += YEAR_MS
      toldRefusal(toldOf(await pays('c2'), 'c2'), 'big-payments')
      ranWith(pay)
    },
  },
  {
    id: 'a-grant-counts-until-it-expires',
    run: async (fixture) => {
      const { gate, pay, pays } = await till(fixture)
      await pays('c1')
      await gate.approvals.grant(
        { actor: ACTOR, capability: 'payment.execute.card', durationMs: 60_000 },
        { by: alice },
      )
      toldResult(await pays('c2'), 'c2')
      gate.clock.now += 60_000
      toldRefusal(toldOf(await pays('c3'), 'c3'), 'big-payments')
      ranWith(pay, BIG)
    },
  },
]
