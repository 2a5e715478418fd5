import { type Ungated, isCapFenceError } from '@capfence/core'
import { claim, rejection, same } from '../engine/claims.ts'
import type { AdapterCase } from './adapter-case.ts'
import { ACTOR, adapterGate } from './adapter-gate.ts'
import { spy } from './case-tools.ts'

/** What guarding tools does to them, and which it refuses. */
export const wrapCases: readonly AdapterCase[] = [
  {
    id: 'what-the-model-is-told-of-a-tool-is-unchanged',
    run: async (fixture) => {
      const gate = await adapterGate()
      const tools = ['read', 'pay', 'wipe'].map((name) => spy(name).tool)
      const surfaces = fixture.surfaces(gate.setup(tools))
      const [before, after] = [await surfaces.before, await surfaces.after] // either may be a promise
      claim(JSON.stringify(before).includes('The tool pay.'), 'the fixture shows no descriptions')
      same(after, before, 'names, descriptions and schemas after guarding')
    },
  },
  {
    id: 'a-tool-that-cannot-be-guarded-is-refused-when-it-is-wrapped',
    run: async (fixture) => {
      const gate = await adapterGate()
      const kinds = fixture.ungateable(gate.setup([]))
      claim(Object.keys(kinds).length > 0, 'the fixture knows no tool that cannot be guarded')
      const lookAlike = { allows: () => true } as unknown as Ungated // a lie: that is the attack
      for (const [name, wrap] of Object.entries(kinds)) {
        for (const ungated of [undefined, lookAlike]) {
          const cause = await rejection(async () => wrap(ungated), `wrapping ${name}`)
          claim(isCapFenceError(cause) && cause.code === 'TOOL_UNGATEABLE', `wrapping ${name} threw ${String(cause)}`)
        }
      }
    },
  },
  {
    id: 'a-tool-goes-without-a-guard-only-on-the-record-and-by-its-own-name',
    run: async (fixture) => {
      const gate = await adapterGate()
      const kinds = fixture.ungateable(gate.setup([]))
      claim(Object.keys(kinds).length > 0, 'the fixture knows no tool that cannot be guarded')
      for (const [kind, wrap] of Object.entries(kinds)) {
        const cause = await rejection(async () => wrap(), `wrapping ${kind}`)
        const name = /the tool `(.*?)`/u.exec(String(cause))?.[1] ?? kind
        const leave = async (tool: string): Promise<Ungated> =>
          gate.runtime.leaveUngated({ adapter: fixture.name, actor: ACTOR, tools: [tool], reason: 'reads only' })
        const other = await leave(`not-${name}`)
        await rejection(async () => wrap(other), `wrapping ${kind} on leave for another tool`)
        const leaves = await leave(name)
        await (async () => wrap(leaves))()
        const last = (await gate.records()).at(-1)
        same(last?.kind === 'ungated' && last.tools, [name], 'the record of a tool without a guard')
      }
    },
  },
]
