import type { BaseDBEngine, CapabilitySystem } from '@capfence/core'
import { ed25519Signer } from '@capfence/core/audit'
import { claim, same } from '../engine/claims.ts'
import { delegate } from '../engine/delegate.ts'
import type { AdapterCase } from './adapter-case.ts'
import type { AdapterFixture } from './adapter-fixture.ts'
import { type GateOptions, adapterGate } from './adapter-gate.ts'
import { SECRET, call, ranWith, spy, toldOf, toldRefusal } from './case-tools.ts'

const broken = (): never => {
  throw new Error('it broke')
}

// As a host's own class could: its policy cannot be had, or cannot be asked.
const BROKEN_POLICIES: readonly GateOptions['breakPolicy'][] = [
  (system) => Object.defineProperty(system, 'policy', { get: broken }),
  (system) => withPolicy(system, { evaluate: broken }),
  (system) => withPolicy(system, { bindingOf: broken }),
  (system) => withPolicy(system, { stateOf: broken }),
  (system) => Object.defineProperty(system, 'policy', { value: undefined }),
]

function withPolicy(system: CapabilitySystem, wrong: object): CapabilitySystem {
  return Object.defineProperty(system, 'policy', { value: { ...system.policy, ...wrong } })
}

const BROKEN_METHODS = ['open', 'read', 'commit'] as const satisfies readonly (keyof BaseDBEngine)[]

async function neverRuns(fixture: AdapterFixture, options: GateOptions, what: string): Promise<void> {
  const gate = await adapterGate({ ...options, deadlineMs: 300 })
  const read = spy('read')
  const said = await fixture.converse(gate.setup([read.tool]), [[call('c1', 'read', { file: SECRET })]])
  claim(read.runs.length === 0, `the tool ran over ${what}`)
  toldRefusal(toldOf(said, 'c1'), '')
  claim(said.isComplete, `${what} broke the loop of the agent`)
}

/** What must hold where something breaks, changes or is given up between call and run. */
export const faultCases: readonly AdapterCase[] = [
  {
    id: 'a-broken-policy-runs-nothing',
    run: async (fixture) => {
      for (const [index, breakPolicy] of BROKEN_POLICIES.entries()) {
        if (breakPolicy !== undefined) await neverRuns(fixture, { breakPolicy }, `broken policy ${String(index)}`)
      }
    },
  },
  {
    id: 'a-broken-engine-runs-nothing',
    run: async (fixture) => {
      for (const method of BROKEN_METHODS) {
        const rejects = { [method]: async () => broken() }
        const engine = (memory: BaseDBEngine): BaseDBEngine => ({ ...delegate(memory), ...rejects })
        await neverRuns(fixture, { engine }, `an engine whose \`${method}\` rejects`)
      }
    },
  },
  {
    id: 'a-broken-signer-runs-nothing',
    run: async (fixture) => {
      const good = ed25519Signer('writer', new Uint8Array(32).fill(2))
      const garbage = (): Uint8Array => new Uint8Array(64)
      for (const sign of [broken, async () => broken(), garbage]) {
        await neverRuns(fixture, { signer: { ...good, sign } }, 'a broken signer')
      }
    },
  },
  {
    id: 'what-was-judged-is-what-runs',
    run: async (fixture) => {
      const good = { amount: 5, to: 'alice' }
      const evil = { amount: 5000, to: 'mallory' }
      const asked = call('c1', 'pay', good)
      const names = Object.keys(fixture.mutations((await adapterGate()).setup([spy('pay').tool]), asked, evil))
      claim(names.length > 0, 'the fixture knows no way to exchange arguments')
      let runs = 0
      for (const name of names) {
        const gate = await adapterGate()
        const pay = spy('pay')
        await Promise.allSettled([fixture.mutations(gate.setup([pay.tool]), asked, evil)[name]?.()])
        for (const args of pay.runs) same(args, good, `the arguments of the tool after \`${name}\``)
        runs += pay.runs.length
      }
      claim(runs > 0, 'after no exchange did the tool run at all, so nothing was seen')
    },
  },
  {
    id: 'every-way-to-call-a-tool-is-guarded',
    run: async (fixture) => {
      const names = Object.keys(fixture.ways((await adapterGate()).setup([spy('wipe').tool]), call('c1', 'wipe')))
      claim(names.length > 0, 'the fixture knows no way to call a tool')
      for (const name of names) {
        const gate = await adapterGate()
        const wipe = spy('wipe')
        await Promise.allSettled([fixture.ways(gate.setup([wipe.tool]), call('c1', 'wipe', { file: 'a' }))[name]?.()])
        claim(wipe.runs.length === 0, `a denied tool ran through \`${name}\``)
      }
    },
  },
  {
    id: 'every-way-to-call-a-tool-is-recorded',
    run: async (fixture) => {
      const asked = call('c1', 'read', { file: 'a' })
      let ran = 0
      for (const name of Object.keys(fixture.ways((await adapterGate()).setup([spy('read').tool]), asked))) {
        const gate = await adapterGate()
        const read = spy('read')
        await Promise.allSettled([fixture.ways(gate.setup([read.tool]), asked)[name]?.()])
        const allowed = (await gate.decisions()).filter(({ decision }) => decision === 'allow')
        // What was allowed may still not have run: the tool itself can refuse its arguments.
        claim(read.runs.length <= allowed.length, `the tool ran through \`${name}\`, and no decision allowed it`)
        ran += read.runs.length
      }
      claim(ran > 0, 'through no way did an allowed tool run, so nothing was seen')
    },
  },
  {
    id: 'a-call-that-is-given-up-before-its-verdict-never-runs-and-is-recorded',
    run: async (fixture) => {
      const giveUp = new AbortController()
      const engine = (memory: BaseDBEngine): BaseDBEngine => ({
        ...delegate(memory),
        commit: (commit) => {
          giveUp.abort(new Error('the user went away'))
          return memory.commit(commit)
        },
      })
      const gate = await adapterGate({ engine })
      const read = spy('read')
      const setup = gate.setup([read.tool], { signal: giveUp.signal })
      await Promise.allSettled([fixture.converse(setup, [[call('c1', 'read', { file: 'a' })]])])
      await gate.runtime.close()
      ranWith(read)
      const [decision] = await gate.decisions()
      claim(decision !== undefined, 'the call that was given up left no record')
      const outcomes = (await gate.outcomes()).map(({ outcome }) => outcome)
      same(outcomes, decision?.decision === 'allow' ? ['not_executed'] : [], 'the outcome of a call that was given up')
    },
  },
]
