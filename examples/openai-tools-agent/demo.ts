// A clerk on OpenAI's `runTools`: what it may pay alone, what waits for a person, and what it is told of a refusal.
// The model is a script on this machine; with `--real` and OPENAI_API_KEY set it is OpenAI's.
// Ends with a non-zero exit code where any step differs from the story.
import { stage } from '../stage.ts'
import { check, heading, line, quote, rows, tells } from '../story.ts'
import { fakeOpenAI } from './fake-openai.ts'
import { done } from './office.ts'

const { capfence, database } = stage()
const isReal = process.argv.includes('--real') && process.env['OPENAI_API_KEY'] !== undefined
const fake = await fakeOpenAI()
if (!isReal) Object.assign(process.env, { OPENAI_API_KEY: 'test', OPENAI_BASE_URL: fake.baseURL })
const { ask, close } = await import('./clerk.ts')
heading('A clerk on OpenAI’s runTools', 'examples/openai-tools-agent/policy.yaml')

if (isReal) {
  quote(String(await ask('Read the bills acme and globex, pay both, and delete them.', 'thread-1')))
  line(`What was really done: ${done.join(', ')}`)
} else {
  await story()
}
await close()
fake.close()
check(capfence('verify').status === 0, 'the trail verifies')
line('Every step went as told. Next: packages/openai-tools/README.md.')

async function story(): Promise<void> {
  line('It reads a bill and pays it, for the policy allows that much:')
  fake.play({ tool: 'read_bill', args: { bill: 'acme' } }, { tool: 'pay', args: { to: 'ACME Ltd', amount: 120 } })
  check((await ask('Pay the bill acme.', 'thread-1')) === 'done', 'the model comes to its end')
  check(done.join() === 'read acme,paid 120 to ACME Ltd', 'the bill is read and paid')
  tells({ verb: 'pay', what: '120 to ACME Ltd', verdict: 'allowed', why: 'rule small-payments' })

  line('A refusal is the tool’s result, so that the model can go on:')
  fake.play({ tool: 'delete_bill', args: { bill: 'acme' } })
  check((await ask('Delete the bill acme.', 'thread-1')) === 'done', 'the model comes to its end')
  check(fake.lastTold().includes('bills are kept for ten years'), 'the model is told why')
  tells({ verb: 'delete', what: 'acme', verdict: 'denied', why: 'rule bills-are-kept' })
  fake.play({ tool: 'pay', args: '{"to":"Globex","amount":5000,"amount":5}' })
  await ask('Pay the bill globex.', 'thread-1')
  check(fake.lastTold().includes('name a key twice'), 'arguments that can be read in two ways are refused')
  tells({ verb: 'pay', what: '5000 to Globex, or is it 5?', verdict: 'denied', why: 'the arguments name a key twice' })

  line('A large payment waits for a person, in a second terminal:')
  const large = { tool: 'pay', args: { to: 'Globex', amount: 5000 } }
  fake.play(large)
  await ask('Pay the bill globex.', 'thread-1')
  const [, request = ''] = /request ([\w-]+)/u.exec(fake.lastTold()) ?? []
  check(request !== '', 'the model is told which request waits')
  tells({ verb: 'pay', what: '5000 to Globex', verdict: 'waits', why: `request ${request}` })
  const approved = capfence('approve', request, '--yes')
  check(approved.status === 0, 'it is approved')
  quote(approved.stdout)
  fake.play(large, large)
  await ask('It is approved: pay the bill globex.', 'thread-1')
  check(fake.lastTold().includes('waits for a human'), 'the approval counts once')
  check(done.filter((one) => one.startsWith('paid 5000')).length === 1, 'it is paid once')
  tells({ verb: 'pay', what: '5000 to Globex', verdict: 'allowed', why: 'once' })

  check(!done.some((one) => one.startsWith('deleted')), 'nothing was deleted')
  line('What the trail holds:')
  rows(database)
}
