import { claim, same } from '../engine/claims.ts'
import type { AdapterCase } from './adapter-case.ts'
import type { CaseTool } from './adapter-fixture.ts'
import { ACTOR, adapterGate } from './adapter-gate.ts'
import { call, given, ranWith, recordedTool, spy, toldOf, toldRefusal, toldResult } from './case-tools.ts'

/** What makes a call one call and no other, and what it is part of. */
export const callCases: readonly AdapterCase[] = [
  {
    id: 'the-same-call-made-again-runs-once-counts-once-and-gives-the-same-result',
    needs: 'callIds',
    run: async (fixture) => {
      const gate = await adapterGate()
      let bought = 0
      const buy = spy('buy', () => ({ order: ++bought }))
      const setup = gate.setup([buy.tool])
      const turns = [[call('call_0', 'buy', { amount: 60 })]]
      const atOnce = await Promise.all([fixture.converse(setup, turns), fixture.converse(setup, turns)])
      const later = await fixture.converse(setup, turns)
      for (const said of [...atOnce, later]) toldResult(said, 'call_0', { order: 1 })
      ranWith(buy, { amount: 60 })
      same((await gate.decisions()).length, 1, 'the decisions on a call that was made three times')
      same((await gate.outcomes()).length, 1, 'the outcomes of a call that was made three times')
      const more = await fixture.converse(setup, [[call('call_1', 'buy', { amount: 40 })]])
      toldResult(more, 'call_1', { order: 2 })
    },
  },
  {
    id: 'the-same-call-id-with-other-arguments-is-refused',
    needs: 'callIds',
    run: async (fixture) => {
      const gate = await adapterGate()
      const read = spy('read')
      const setup = gate.setup([read.tool])
      await fixture.converse(setup, [[call('call_0', 'read', { file: 'a' })]])
      toldRefusal(
        toldOf(await fixture.converse(setup, [[call('call_0', 'read', { file: 'b' })]]), 'call_0'),
        'id_reuse',
      )
      ranWith(read, { file: 'a' })
    },
  },
  {
    id: 'who-calls-and-where-is-the-hosts-word',
    run: async (fixture) => {
      const gate = await adapterGate()
      const read = spy('read')
      const setup = gate.setup([read.tool])
      const said = { session: 's-1', tenant: 'acme', userRole: 'clerk', risk: 'high' } as const
      const host = { ...setup.host, ...said }
      await fixture.converse({ ...setup, host }, [[call('c1', 'read', { file: 'actor: root', note: 'session: s-2' })]])
      const [decision] = await gate.decisions()
      const expected = {
        actor: ACTOR,
        environment: 'test',
        session: 's-1',
        tenant: 'acme',
        user_role: 'clerk',
        risk: 'high',
      }
      same(decision?.event, { ...decision?.event, ...expected }, 'the recorded event')
      claim(decision?.decision === 'allow', 'the call was not allowed, so nothing was seen')
    },
  },
  {
    id: 'two-conversations-that-use-the-same-call-id-do-not-meet',
    run: async (fixture) => {
      const gate = await adapterGate()
      const read = spy('read', (args) => ({ of: args['file'] }))
      for (const [run, file] of [
        ['run-1', 'a'],
        ['run-2', 'b'],
      ] as const) {
        const said = await fixture.converse(gate.setup([read.tool], { run }), [[call('call_0', 'read', { file })]])
        toldResult(said, 'call_0', { of: file })
      }
      const again = await fixture.converse(gate.setup([read.tool], { run: 'run-3' }), [
        [call('call_0', 'read', { file: 'b' })],
      ])
      toldResult(again, 'call_0', { of: 'b' })
      ranWith(read, { file: 'a' }, { file: 'b' }, { file: 'b' })
    },
  },
  {
    id: 'a-streaming-tool-streams',
    needs: 'streaming',
    run: async (fixture) => {
      const gate = await adapterGate()
      const { tool, made } = streaming('report')
      const said = await fixture.converse(gate.setup([tool]), [[call('c1', 'report', { file: 'a' })]])
      same(said.pieces, ['one', 'two', 'three'], 'the pieces that reached the stream of the framework')
      same(made, ['{"file":"a"}', 'one', 'two', 'three'], 'what the tool did')
      claim(!toldOf(said, 'c1').isError && said.isComplete, 'a streaming tool broke the loop of the agent')
      same(
        (await gate.outcomes()).map(({ outcome }) => outcome),
        ['succeeded'],
        'the outcome of a streaming tool',
      )
    },
  },
  {
    id: 'a-streaming-tool-that-is-refused-never-starts',
    needs: 'streaming',
    run: async (fixture) => {
      const gate = await adapterGate()
      const { tool, made } = streaming('wipe')
      const said = await fixture.converse(gate.setup([tool]), [[call('c1', 'wipe', { file: 'a' })]])
      same(made, [], 'what a refused tool did')
      same(said.pieces, [], 'the pieces of a refused tool')
      toldRefusal(toldOf(said, 'c1'), 'no-wiping')
    },
  },
  {
    id: 'what-an-agent-calls-through-a-tool-is-known-to-be-called-through-it',
    needs: 'agentAsTool',
    run: async (fixture) => {
      const gate = await adapterGate()
      const read = spy('read')
      await fixture.nested(gate.setup([read.tool]), call('inner', 'read', { file: 'a' }))
      ranWith(read, { file: 'a' })
      const seen = (await gate.decisions()).map(({ event }) => ({
        tool: 'tool' in event ? event.tool : undefined,
        depth: 'caller_depth' in event ? event.caller_depth : undefined,
        chain: 'actor_chain' in event ? event.actor_chain : [],
      }))
      const expected = [
        { tool: recordedTool(fixture, 'delegate'), depth: 0, chain: [] },
        { tool: recordedTool(fixture, 'read'), depth: 1, chain: [ACTOR] },
      ]
      same(seen, expected, 'the recorded calls')
    },
  },
  {
    id: 'what-an-agent-calls-through-a-tool-is-guarded',
    needs: 'agentAsTool',
    run: async (fixture) => {
      const gate = await adapterGate()
      const wipe = spy('wipe')
      const said = await fixture.nested(gate.setup([wipe.tool]), call('inner', 'wipe', { file: 'a' }))
      ranWith(wipe)
      claim(said.isComplete, 'a refusal in the inner agent broke the outer one')
      same(
        (await gate.decisions()).map(({ decision }) => decision),
        ['allow', 'deny'],
        'the recorded decisions',
      )
    },
  },
]

function streaming(name: string): { readonly tool: CaseTool; readonly made: readonly string[] } {
  const made: string[] = []
  async function* stream(args: Record<string, unknown>): AsyncGenerator<string> {
    made.push(JSON.stringify(given(args)))
    for (const piece of ['one', 'two', 'three']) {
      made.push(piece)
      yield await Promise.resolve(piece)
    }
  }
  return { made, tool: { ...spy(name).tool, stream } }
}
