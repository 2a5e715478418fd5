// A hotfix in the night: one grant for one session, counted and expiring, in place of a question for each push.
// Ends with a non-zero exit code where any step differs from the story.
import { type ActionEventInit, CallRefusedError, openCapFence } from '@capfence/core'
import { stage } from '../stage.ts'
import { check, heading, line, quote, tells } from '../story.ts'

const { capfence } = stage()
heading('A grant for one session', 'examples/session-grant/policy.yaml')

const { runtime, close } = await openCapFence({ policy: 'examples/session-grant/policy.yaml' })
const pushed: string[] = []

/** Pushes, and says what the gate said; undefined where it was pushed. */
async function push(commit: string, session: string, more: object = {}): Promise<string | undefined> {
  const call: ActionEventInit = {
    actor: 'hotfix-agent',
    action: 'push',
    resource: 'github.main',
    environment: 'production',
    risk: 'high',
    session,
    args: { commit, ...more },
  }
  try {
    await runtime.run(call, (args) => pushed.push(String(args['commit'])))
    return undefined
  } catch (error) {
    if (error instanceof CallRefusedError) return error.verdict.reason.code
    throw error
  }
}

line('Without a grant each push waits for a person:')
check((await push('c1', 's-42')) === 'policy_ask', 'the first push waits')
tells({ verb: 'push', what: 'c1 to main', verdict: 'waits', why: 'rule push-to-main' })

line('So a person grants three pushes of this session, for ten minutes, in a second terminal:')
const scope = ['--actor', 'hotfix-agent', '--capability', 'github.push.main', '--duration', '600']
const granted = capfence('grant', ...scope, '--session', 's-42', '--uses', '3', '--reason', 'incident 7')
check(granted.status === 0, 'the grant is recorded')
quote(granted.stdout)
for (const commit of ['c2', 'c3']) {
  check((await push(commit, 's-42')) === undefined, `${commit} is pushed`)
  tells({ verb: 'push', what: `${commit} to main`, verdict: 'allowed', why: 'by the grant' })
}
check((await push('c4', 's-43')) === 'policy_ask', 'another session still waits')
tells({ verb: 'push', what: 'c4 to main, in another session', verdict: 'waits', why: 'the grant is for s-42' })
check((await push('c5', 's-42', { force: true })) === 'policy_deny', 'a force push is denied, grant or not')
tells({ verb: 'push', what: 'c5 to main, with force', verdict: 'denied', why: 'a grant never beats a deny' })

line('The incident is over, and what is left of the grant is taken back:')
const [live] = capfence('grants', '--json').stdout.trim().split('\n')
const { id } = JSON.parse(live ?? '{}') as { readonly id?: string }
check(id !== undefined && capfence('revoke', id).status === 0, 'the grant is revoked')
check((await push('c6', 's-42')) === 'policy_ask', 'the next push waits again')
tells({ verb: 'push', what: 'c6 to main', verdict: 'waits', why: 'at once, in the running agent' })
check(pushed.join() === 'c2,c3', 'exactly two commits were pushed')
await close()

check(capfence('verify').status === 0, 'the trail verifies')
line('Every step went as told. Next: docs/guides/approvals.md.')
