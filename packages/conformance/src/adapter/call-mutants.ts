import { type ActionEventInit, CallRefusedError } from '@capfence/core'
import { type AdapterMutant, lying, onSetup, unasked } from './adapter-mutant.ts'

type Attempt<Value> = { readonly value: Value } | { readonly cause: unknown }

/** Wrong in what a call is, in what it runs on, and in what is recorded of it. */
export const callMutants: readonly AdapterMutant[] = [
  {
    id: 'runs-the-tool-twice',
    fails: ['an-allowed-call-runs-once-and-its-result-is-intact'],
    wrong: lying((real) => ({
      run: (asked, tool, options) =>
        real.run(
          asked,
          async (args, context) => {
            await tool(structuredClone(args), context)
            return tool(args, context)
          },
          options,
        ),
    })),
  },
  {
    id: 'tells-a-tools-own-error-as-a-refusal',
    fails: ['a-tools-own-error-is-no-refusal'],
    wrong: lying((real) => ({
      run: async (asked, tool, options) => {
        try {
          return await real.run(asked, tool, options)
        } catch (cause) {
          if (cause instanceof CallRefusedError) throw cause
          const reason = { code: 'policy_deny', rule: null, message: 'the tool failed' } as const
          throw new CallRefusedError({ decision: 'deny', authorized: false, eventId: '', record: null, reason })
        }
      },
    })),
  },
  {
    id: 'records-a-failure-as-a-success',
    fails: ['a-tools-own-error-is-no-refusal'],
    wrong: lying((real) => ({
      run: async (asked, tool, options) => {
        const attempt = async (
          ...given: Parameters<typeof tool>
        ): Promise<Attempt<Awaited<ReturnType<typeof tool>>>> => {
          try {
            return { value: await tool(...given) }
          } catch (cause) {
            return { cause }
          }
        }
        const ended = await real.run(asked, attempt, options)
        if ('cause' in ended) throw ended.cause
        return ended.value
      },
    })),
  },
  {
    id: 'records-nothing',
    fails: [
      'each-allowed-call-leaves-a-decision-and-an-outcome-and-refusals-no-outcome',
      'every-way-to-call-a-tool-is-recorded',
    ],
    wrong: lying((real) => ({
      run: async (asked, tool, options) => {
        const { decision } = await real.preview(asked)
        return decision === 'allow' ? unasked(asked, tool, options) : real.run(asked, tool, options)
      },
    })),
  },
  {
    id: 'records-afterwards',
    fails: ['a-tool-starts-when-its-verdict-is-on-the-record'],
    wrong: lying((real) => ({
      run: async (asked, tool, options) => {
        const { decision } = await real.preview(asked)
        if (decision !== 'allow') return real.run(asked, tool, options)
        const result = await unasked(asked, tool, options)
        return real.run(asked, () => result, options)
      },
    })),
  },
  {
    id: 'drops-what-the-host-says',
    fails: ['who-calls-and-where-is-the-hosts-word'],
    wrong: lying((real) => ({
      toolEvent: (call) => real.toolEvent({ ...call, tenant: undefined, session: undefined, risk: 'medium' }),
    })),
  },
  {
    id: 'looks-tools-up-like-members',
    fails: ['tools-with-names-that-every-object-has-are-tools-like-any-other'],
    wrong: lying((real) => ({
      toolEvent: (call) => real.toolEvent(call.tool in {} ? { ...call, tool: 'read' } : call),
    })),
  },
  {
    id: 'runs-the-callers-own-arguments',
    fails: ['what-was-judged-is-what-runs'],
    wrong: lying((real) => {
      let own: unknown
      return {
        toolEvent: (call) => {
          own = call.args
          return real.toolEvent(call)
        },
        run: (asked, tool, options) => {
          const args = own as Record<string, unknown> // a call's arguments are an object, or it is refused
          return real.run(asked, (_judged, context) => tool(args, context), options)
        },
      }
    }),
  },
  {
    id: 'drops-the-signal',
    fails: ['a-call-that-is-given-up-before-its-verdict-never-runs-and-is-recorded'],
    wrong: lying((real) => ({ run: (asked, tool) => real.run(asked, tool) })),
  },
  {
    id: 'gives-every-call-the-same-id',
    fails: ['parallel-calls-keep-to-their-own-verdicts'],
    wrong: lying((real) => ({
      once: (_event, start) => start(),
      run: (asked, tool, options) => real.run(withId(asked, 'the-call'), tool, options),
    })),
  },
  {
    id: 'drops-the-call-id',
    needs: 'callIds',
    fails: [
      'the-same-call-made-again-runs-once-counts-once-and-gives-the-same-result',
      'the-same-call-id-with-other-arguments-is-refused',
    ],
    wrong: lying((real) => ({
      once: (_event, start) => start(),
      run: (asked, tool, options) => real.run(withId(asked, undefined), tool, options),
    })),
  },
  {
    id: 'runs-all-conversations-together',
    needs: 'callIds',
    fails: ['two-conversations-that-use-the-same-call-id-do-not-meet'],
    wrong: (fixture) => onSetup(fixture, (setup) => ({ ...setup, run: 'the-run' })),
  },
  {
    id: 'gathers-what-streams',
    needs: 'streaming',
    fails: ['a-streaming-tool-streams'],
    wrong: (fixture) =>
      onSetup(fixture, (setup) => ({
        ...setup,
        tools: setup.tools.map((tool) => {
          const { stream } = tool
          return stream === undefined ? tool : { ...tool, stream: (args) => gathered(stream(args)) }
        }),
      })),
  },
  {
    id: 'forgets-who-called',
    needs: 'agentAsTool',
    fails: ['what-an-agent-calls-through-a-tool-is-known-to-be-called-through-it'],
    wrong: lying((real) => ({
      toolEvent: (call) => real.toolEvent({ ...call, callerDepth: 0, actorChain: undefined }),
    })),
  },
  {
    id: 'guards-the-outer-agent-only',
    needs: 'agentAsTool',
    fails: ['what-an-agent-calls-through-a-tool-is-guarded'],
    wrong: lying((real) => ({
      run: (asked, tool, options) =>
        (asked.callerDepth ?? 0) === 0 ? real.run(asked, tool, options) : unasked(asked, tool, options),
    })),
  },
]

async function* gathered(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let all = ''
  for await (const piece of pieces) all += piece
  yield all
}

function withId(asked: ActionEventInit, id: string | undefined): ActionEventInit {
  return { ...asked, id }
}
