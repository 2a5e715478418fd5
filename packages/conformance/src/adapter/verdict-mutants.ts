import { type ActionRuntime, CallRefusedError, type Refusal } from '@capfence/core'
import { type AdapterMutant, type Asked, type Lies, lying, unasked } from './adapter-mutant.ts'

/** A runtime that does something else where the true one refuses. */
function refusing(otherwise: (refusal: Refusal, asked: Asked, run: () => Promise<unknown>) => Promise<unknown>) {
  return (real: ActionRuntime): Lies => ({
    run: async <Result>(...[asked, tool, options]: Parameters<typeof real.run<Result>>): Promise<Result> => {
      try {
        return await real.run(asked, tool, options)
      } catch (cause) {
        if (!(cause instanceof CallRefusedError)) throw cause
        return (await otherwise(cause.verdict, asked, () => unasked(asked, tool, options))) as Result // a lie
      }
    },
  })
}

/** A runtime that runs what was refused for one of these reasons. */
function running(runs: (code: string) => boolean): AdapterMutant['wrong'] {
  return lying(
    refusing(async (verdict, _asked, run) => {
      if (runs(verdict.reason.code)) return run()
      throw new CallRefusedError(verdict)
    }),
  )
}

/** Wrong in what becomes of a verdict. */
export const verdictMutants: readonly AdapterMutant[] = [
  {
    id: 'hands-the-tools-on-unguarded',
    fails: ['a-denied-call-never-runs', 'a-streaming-tool-that-is-refused-never-starts'],
    wrong: lying(() => ({ run: unasked, once: (_event, start) => start() })),
  },
  {
    id: 'swallows-refusals',
    fails: ['a-denied-call-never-runs', 'every-way-to-call-a-tool-is-guarded'],
    wrong: running(() => true),
  },
  {
    id: 'runs-what-no-rule-speaks-of',
    fails: ['a-call-that-no-rule-allows-never-runs'],
    wrong: running((code) => code === 'policy_default'),
  },
  {
    id: 'runs-where-something-broke',
    fails: ['a-broken-policy-runs-nothing', 'a-broken-engine-runs-nothing', 'a-broken-signer-runs-nothing'],
    wrong: running((code) => code.startsWith('fault_') || code === 'deadline' || code === 'invalid_event'),
  },
  {
    id: 'runs-before-it-judges',
    fails: ['a-denied-call-never-runs', 'every-way-to-call-a-tool-is-guarded'],
    wrong: lying((real) => ({
      run: async (asked, tool, options) => {
        const result = await unasked(asked, tool, options)
        return real.run(asked, () => result, options)
      },
    })),
  },
  {
    id: 'guards-the-first-tool-only',
    fails: ['every-tool-is-guarded'],
    wrong: lying((real, { tools: [first] }) => ({
      run: (asked, tool, options) =>
        asked.tool?.split('.').at(-1) === first?.name ? real.run(asked, tool, options) : unasked(asked, tool, options),
    })),
  },
  {
    id: 'gives-refusals-as-results',
    fails: ['a-denied-call-never-runs', 'a-refusal-is-an-error-that-the-agent-can-go-on-from'],
    wrong: lying(refusing(async (verdict) => new CallRefusedError(verdict).message)),
  },
  {
    id: 'repeats-the-input-in-refusals',
    fails: ['a-refusal-never-repeats-the-input'],
    wrong: lying(
      refusing(async (verdict, { args }) => {
        const message = `${verdict.reason.message}: ${JSON.stringify(args)}`
        throw new CallRefusedError({ ...verdict, reason: { ...verdict.reason, message } } as Refusal)
      }),
    ),
  },
  {
    id: 'takes-a-second-question-for-an-answer',
    fails: [
      'an-approval-in-the-core-lets-the-call-run-once',
      'an-approval-counts-for-its-own-arguments-only',
      'an-approval-by-a-stranger-lets-nothing-run',
      'an-approval-that-has-expired-lets-nothing-run',
      'a-grant-counts-until-it-expires',
    ],
    wrong: lying(secondAnswered),
  },
  {
    id: 'takes-the-frameworks-word-for-an-approval',
    fails: [
      'no-approval-that-is-forged-in-the-framework-lets-a-call-run',
      'an-approval-that-is-replayed-through-the-framework-runs-no-second-time',
    ],
    wrong: (fixture) => ({
      ...fixture,
      forgeries: (setup, call) => running((code) => code === 'policy_ask')(fixture).forgeries(setup, call),
    }),
  },
]

// Whoever was asked once is taken to have said yes.
function secondAnswered(real: ActionRuntime): Lies {
  const asked = new Set<string>()
  return refusing(async (verdict, { tool = '' }, run) => {
    const isSecond = asked.has(tool)
    asked.add(tool)
    if (verdict.decision === 'require_approval' && isSecond) return run()
    throw new CallRefusedError(verdict)
  })(real)
}
