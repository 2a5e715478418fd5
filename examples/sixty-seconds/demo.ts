// The main job on real input: four actions of an agent, judged, run and recorded; then the trail is checked, forged and
// checked again. Ends with a non-zero exit code where any step differs from the story.
import { readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { CallRefusedError } from '@capfence/core'
import { stage } from '../stage.ts'
import { check, heading, line, quote, rows, tells } from '../story.ts'

// A database, key and head of its own: the demo leaves nothing behind and touches nothing of yours.
const { database, capfence } = stage()

heading('CapFence in 60 seconds', 'policies/ops.yaml judges, SQLite remembers, Ed25519 signs')

line('The agent wants to…')
const { runtime, verdict: deleted } = await import('./gate.ts')
check(deleted.decision === 'deny' && deleted.reason.code === 'policy_deny', 'the delete is denied')
tells({ verb: 'delete', what: 'rm -rf /var/lib/postgresql', verdict: 'denied', why: deleted.reason.rule })

const file = 'examples/sixty-seconds/workspace/runbook.md'
const context = { actor: 'deployment-agent', environment: 'production' } as const
const text = await runtime.run(
  { ...context, action: 'read', resource: 'filesystem.workspace', risk: 'low', args: { file } },
  (args) => readFileSync(String(args['file']), 'utf8'),
)
check(text === readFileSync(file, 'utf8'), 'the allowed read gives the real file')
tells({
  verb: 'read',
  what: file,
  verdict: 'allowed',
  why: `${String(text.length)} characters, read by the tool itself`,
})

const ledger: number[] = []
const pay = (amount: number): Promise<number> =>
  runtime.run(
    { ...context, action: 'execute', resource: 'payment.high_value', risk: 'high', args: { amount, to: 'ACME Ltd' } },
    (args) => ledger.push(Number(args['amount'])),
  )
await pay(500)
check(ledger.join() === '500', 'the small payment is made once')
tells({ verb: 'pay', what: '500 to ACME Ltd', verdict: 'allowed', why: 'paid once' })

const waiting = await pay(5_000).catch((error: unknown) => error)
check(waiting instanceof CallRefusedError && waiting.verdict.decision === 'require_approval', 'the large payment waits')
check(ledger.join() === '500', 'the large payment is not made')
const { approval } = waiting.verdict
const minutes = Math.round((approval.expiresAt - Date.now()) / 60_000)
const why = `request ${approval.requestId}, ${String(minutes)} minutes left`
tells({ verb: 'pay', what: '5000 to ACME Ltd', verdict: 'waits', why })

line('A person approves it in a second process, and the same call runs: once.')
const approved = capfence('approve', approval.requestId, '--yes')
check(approved.status === 0, 'the request is approved')
await pay(5_000)
check(ledger.join() === '500,5000', 'the approved payment is made')
tells({ verb: 'pay', what: '5000 to ACME Ltd', verdict: 'allowed', why: 'approved by a person, paid once' })
const again = await pay(5_000).catch((error: unknown) => error)
check(again instanceof CallRefusedError && again.verdict.decision === 'require_approval', 'an approval is used once')
check(ledger.join() === '500,5000', 'nothing is paid twice')
tells({ verb: 'pay', what: '5000 to ACME Ltd, again', verdict: 'waits', why: 'an approval is for one call' })
await runtime.close()

line('What was recorded, before and after each tool ran:')
rows(database)
line('Is the trail authentic?')
const authentic = capfence('verify', '--audit-log', database)
check(authentic.status === 0, 'the trail verifies')
quote(authentic.stdout)

line('Now someone edits one row with plain SQL: the denied delete becomes an allowed one.')
const db = new DatabaseSync(database)
const edited = db.prepare(
  `UPDATE record SET body = replace(body, '"decision":"deny"', '"decision":"allow"') WHERE seq = 1`,
)
check(edited.run().changes === 1, 'one row is edited')
db.close()
const forged = capfence('verify', '--audit-log', database)
check(forged.status === 1 && /\b1\b/.test(forged.stdout), 'verify names the edited row')
quote(forged.stdout)
line('Every step went as told. Next: README.md, policies/ops.yaml, `npx --yes pnpm@12 exec capfence --help`.')
