import { claim, same } from '../engine/claims.ts'
import type { AdapterCase } from './adapter-case.ts'
import type { CaseSetup } from './adapter-fixture.ts'
import { adapterGate } from './adapter-gate.ts'
import { RESULT, SECRET, call, ranWith, recordedTool, spy, toldOf, toldRefusal, toldResult } from './case-tools.ts'

/** Names that every object has, or seems to. */
const ODD_NAMES = ['constructor', 'toString', 'hasOwnProperty', '__proto__'] as const

/** What becomes of a call by its verdict. */
export const verdictCases: readonly AdapterCase[] = [
  {
    id: 'an-allowed-call-runs-once-and-its-result-is-intact',
    run: async (fixture) => {
      const gate = await adapterGate()
      const read = spy('read')
      const args = { file: 'a "b".txt', amount: 2.5, note: 'ü' }
      const said = await fixture.converse(gate.setup([read.tool]), [[call('c1', 'read', args)]])
      ranWith(read, args)
      toldResult(said, 'c1', RESULT)
      claim(said.isComplete, 'the agent did not reach its end')
    },
  },
  {
    id: 'a-tool-starts-when-its-verdict-is-on-the-record',
    run: async (fixture) => {
      const gate = await adapterGate()
      const seen: string[] = []
      const read = spy('read', async () => {
        for (const { decision, outcome } of await gate.decisions()) seen.push(`${decision} ${outcome}`)
        return RESULT
      })
      await fixture.converse(gate.setup([read.tool]), [[call('c1', 'read', { file: 'a' })]])
      same(seen, ['allow open'], 'the decisions on record when the tool started')
    },
  },
  {
    id: 'a-denied-call-never-runs',
    run: async (fixture) => {
      const gate = await adapterGate()
      const wipe = spy('wipe')
      const said = await fixture.converse(gate.setup([wipe.tool]), [[call('c1', 'wipe', { note: SECRET })]])
      ranWith(wipe)
      toldRefusal(toldOf(said, 'c1'), 'no-wiping')
    },
  },
  {
    id: 'a-call-that-no-rule-allows-never-runs',
    run: async (fixture) => {
      const gate = await adapterGate()
      const other = spy('other')
      const said = await fixture.converse(gate.setup([other.tool]), [[call('c1', 'other', { note: SECRET })]])
      ranWith(other)
      const asks = fixture.server === undefined ? 'tool.call.other' : `mcp.${fixture.server}.other`
      toldRefusal(toldOf(said, 'c1'), asks)
    },
  },
  {
    id: 'every-tool-is-guarded',
    run: async (fixture) => {
      const gate = await adapterGate()
      const tools = ['read', 'wipe', 'other', 'another'].map((name) => spy(name))
      const turns = tools.slice(1).map(({ tool }, index) => [call(`c${String(index)}`, tool.name)])
      await fixture.converse(gate.setup(tools.map(({ tool }) => tool)), turns)
      for (const tool of tools) ranWith(tool)
    },
  },
  {
    id: 'a-refusal-is-an-error-that-the-agent-can-go-on-from',
    run: async (fixture) => {
      const gate = await adapterGate()
      const [read, wipe, pay] = [spy('read'), spy('wipe'), spy('pay')]
      const said = await fixture.converse(gate.setup([read.tool, wipe.tool, pay.tool]), [
        [call('c1', 'wipe', { note: SECRET })],
        [call('c2', 'pay', { amount: 5000, note: SECRET })],
        [call('c3', 'read', { file: 'a' })],
      ])
      toldRefusal(toldOf(said, 'c1'), 'no-wiping')
      toldRefusal(toldOf(said, 'c2', 1), 'big-payments')
      claim(said.isComplete, 'a refusal broke the loop of the agent')
      ranWith(read, { file: 'a' })
    },
  },
  {
    id: 'a-refusal-never-repeats-the-input',
    run: async (fixture) => {
      const gate = await adapterGate()
      const tools = [spy('wipe'), spy('pay'), spy('other')]
      const said = await fixture.converse(gate.setup(tools.map(({ tool }) => tool)), [
        [call('c1', 'wipe', { file: SECRET })],
        [call('c2', 'pay', { amount: 5000, to: SECRET })],
        [call('c3', 'other', { note: SECRET })],
      ])
      claim(said.told.length >= 3, 'the model was not told of every refusal')
      for (const { text } of said.told) claim(!text.includes(SECRET), `a refusal repeats the input: ${text}`)
    },
  },
  {
    id: 'a-tools-own-error-is-no-refusal',
    run: async (fixture) => {
      const gate = await adapterGate()
      const read = spy('read', () => {
        throw new RangeError('disk full')
      })
      const talk = fixture.converse(gate.setup([read.tool]), [[call('c1', 'read', { file: 'a' })]])
      // Some frameworks end the run on a tool's own error: that is theirs to say.
      const [ended] = await Promise.allSettled([talk])
      ranWith(read, { file: 'a' })
      const texts = ended.status === 'fulfilled' ? ended.value.told.map(({ text }) => text) : [String(ended.reason)]
      for (const text of texts) claim(!text.includes('CapFence'), `the tool's own error came as a refusal: ${text}`)
      same(await endings(gate), ['allow', 'failed'], 'the decision and the outcome')
    },
  },
  {
    id: 'parallel-calls-keep-to-their-own-verdicts',
    run: async (fixture) => {
      const gate = await adapterGate()
      const [read, wipe, pay] = [spy('read', (args) => ({ read: args['file'] })), spy('wipe'), spy('pay')]
      const calls = [
        call('c1', 'read', { file: 'a' }),
        call('c2', 'wipe', { note: SECRET }),
        call('c3', 'pay', { amount: 5000 }),
        call('c4', 'read', { file: 'b' }),
        call('c5', 'pay', { amount: 5 }),
      ]
      const said = await fixture.converse(gate.setup([read.tool, wipe.tool, pay.tool]), [calls])
      const told = calls.map(({ id }, place) => toldOf(said, id, place))
      same(
        told.map(({ isError }) => isError),
        [false, true, true, false, false],
        'which of five parallel calls were refused',
      )
      same(sorted(read.runs), sorted([{ file: 'a' }, { file: 'b' }]), 'the runs of `read`')
      ranWith(wipe)
      ranWith(pay, { amount: 5 })
      claim(told[0]?.text.includes('"a"') === true && told[3]?.text.includes('"b"') === true, 'results were mixed up')
    },
  },
  {
    id: 'each-allowed-call-leaves-a-decision-and-an-outcome-and-refusals-no-outcome',
    run: async (fixture) => {
      const gate = await adapterGate()
      const tools = [spy('read'), spy('wipe'), spy('pay')].map(({ tool }) => tool)
      await fixture.converse(gate.setup(tools), [
        [call('c1', 'read', { file: 'a' })],
        [call('c2', 'wipe')],
        [call('c3', 'pay', { amount: 5000 })],
        [call('c4', 'read', { file: 'b' })],
      ])
      const expected = ['allow', 'succeeded', 'deny', 'require_approval', 'allow', 'succeeded']
      same(await endings(gate), expected, 'the decisions and outcomes')
      const [first] = await gate.decisions()
      same(
        first?.event,
        { ...first?.event, actor: 'agent', tool: recordedTool(fixture, 'read'), environment: 'test' },
        'the recorded event',
      )
    },
  },
  {
    id: 'tools-with-names-that-every-object-has-are-tools-like-any-other',
    run: async (fixture) => {
      const bound = Object.fromEntries(ODD_NAMES.map((name) => [name, { capability: 'filesystem.read.workspace' }]))
      for (const host of [{}, { tools: bound }]) {
        const gate = await adapterGate()
        const tools = ODD_NAMES.map((name) => spy(name))
        const setup = gate.setup(tools.map(({ tool }) => tool))
        const odd: CaseSetup = { ...setup, host: { ...setup.host, ...host } }
        await fixture.converse(
          odd,
          ODD_NAMES.map((name, index) => [call(`c${String(index)}`, name, { file: name })]),
        )
        const allowed = (await gate.decisions()).filter(({ decision }) => decision === 'allow')
        const isBound = 'tools' in host
        for (const { tool, runs } of tools) {
          // A framework may have no place for a tool of that name.
          const most = isBound ? 1 : 0
          const least = tool.name === '__proto__' ? 0 : most
          claim(runs.length >= least && runs.length <= most, `\`${tool.name}\` ran ${String(runs.length)} times`)
        }
        const ran = tools.reduce((sum, { runs }) => sum + runs.length, 0)
        same(allowed.length, ran, 'allowing decisions for the runs of tools with odd names')
      }
    },
  },
]

async function endings(gate: Awaited<ReturnType<typeof adapterGate>>): Promise<readonly string[]> {
  return (await gate.records()).flatMap((body) => {
    if (body.kind === 'decision') return [body.decision]
    return body.kind === 'outcome' ? [body.outcome] : []
  })
}

function sorted(values: readonly object[]): readonly string[] {
  return values.map((value) => JSON.stringify(value)).toSorted()
}
