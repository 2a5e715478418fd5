// Money with a threshold, a budget and a quorum: what an accounts agent may pay alone, and what two people must sign.
// Ends with a non-zero exit code where any step differs from the story.
import { type ActionEventInit, CallRefusedError, openCapFence } from '@capfence/core'
import { stage } from '../stage.ts'
import { check, heading, line, tells } from '../story.ts'

const { capfence } = stage()
heading('A payment above the threshold', 'examples/payment-threshold/policy.yaml')
for (const name of ['alice', 'bob']) {
  check(capfence('keys', 'init', '--role', 'approver', '--name', name).status === 0, `${name} has a key`)
}

const { runtime, close } = await openCapFence({ policy: 'examples/payment-threshold/policy.yaml' })
const ledger: number[] = []

let asked = ''

/** Pays, and says what the gate said; undefined where it was paid. Keeps the id of the request that now waits. */
async function pay(amount: number): Promise<string | undefined> {
  const call: ActionEventInit = {
    actor: 'accounts-agent',
    action: 'execute',
    resource: 'payment.supplier',
    environment: 'production',
    risk: 'high',
    args: { amount, to: 'ACME Ltd' },
  }
  try {
    await runtime.run(call, (args) => ledger.push(Number(args['amount'])))
    return undefined
  } catch (error) {
    if (!(error instanceof CallRefusedError)) throw error
    if (error.verdict.decision === 'require_approval') asked = error.verdict.approval.requestId
    return error.verdict.reason.code
  }
}

line('Small payments run until the budget of the day is used up:')
for (const [amount, expected] of [
  [900, undefined],
  [900, undefined],
  [900, 'limit_exhausted'],
  [200, undefined],
] as const) {
  const code = await pay(amount)
  check(code === expected, `a payment of ${String(amount)} ends as \`${String(expected)}\``)
  tells({
    verb: 'pay',
    what: `${String(amount)} to ACME Ltd`,
    verdict: code === undefined ? 'allowed' : 'denied',
    why: code ?? null,
  })
}
check(ledger.join() === '900,900,200', 'exactly 2000 are paid')

line('A large one waits for two people, who look at it in their own terminals:')
check((await pay(5_000)) === 'policy_ask', 'the large payment waits')
const id = asked
tells({ verb: 'pay', what: '5000 to ACME Ltd', verdict: 'waits', why: `request ${id}` })
check(capfence('approve', id, '--by', 'alice', '--yes').status === 0, 'alice signs')
check((await pay(5_000)) === 'policy_ask', 'one signature is not enough')
check(capfence('approve', id, '--by', 'alice', '--yes').status === 1, 'alice cannot sign twice')
check(capfence('approve', id, '--by', 'bob', '--yes').status === 0, 'bob signs')
check((await pay(5_000)) === undefined, 'now it is paid')
check((await pay(5_000)) === 'policy_ask', 'and only once: the next one waits again')
tells({ verb: 'pay', what: '5000 to ACME Ltd', verdict: 'allowed', why: 'once, signed by alice and bob' })

line('What a person rejects stays rejected, however often it is tried:')
check((await pay(9_000)) === 'policy_ask', 'a larger payment waits')
check(capfence('reject', asked, '--by', 'bob', '--reason', 'not ours').status === 0, 'bob says no')
check((await pay(9_000)) === 'approval_rejected', 'it is refused')
tells({ verb: 'pay', what: '9000 to ACME Ltd', verdict: 'denied', why: 'approval_rejected' })
check(ledger.join() === '900,900,200,5000', 'nothing else was paid')
await close()

check(capfence('verify').status === 0, 'the trail verifies, approvals and budget included')
line('Every step went as told. Next: docs/guides/approvals.md.')
