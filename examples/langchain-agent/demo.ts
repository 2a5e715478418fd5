// An agent of LangChain's, with its own loop and its own tools, behind the gate. Ends with a non-zero exit code where any
// step differs from the story. `--model <provider:name>` plays it with a real model, which may tell another story.
import type { Refusal } from '@capfence/core'
import { type BaseMessage, ToolMessage } from '@langchain/core/messages'
import { check, heading, line, tells } from '../story.ts'
import { agent, close, paid } from './agent.ts'
import { capfence, realModel } from './scene.ts'

/** Says something to the agent, and gives what its tools answered, by the name of the tool and in order. */
async function say(content: string): Promise<readonly ToolMessage[]> {
  const { messages }: { readonly messages: readonly BaseMessage[] } = await agent.invoke({
    messages: [{ role: 'user', content }],
  })
  return messages.filter((message) => ToolMessage.isInstance(message))
}

heading('An agent of LangChain', 'examples/langchain-agent/policy.yaml')
if (realModel !== undefined) {
  line(`With ${realModel}, on its own:`)
  for (const { name, status, text } of await say('Read the invoices, pay each of them, then delete acme-17.pdf.')) {
    tells({ verb: 'call', what: name ?? '', verdict: status === 'error' ? 'denied' : 'allowed', why: text })
  }
  await close()
  process.exit(0)
}

line('It reads, pays what is small, asks for what is large, and may not delete:')
const [read, small, large, removed] = await say('Pay the invoices, then delete acme-17.pdf.')
check(read?.status === 'success' && read.text.includes('5000 to ACME'), 'the inbox is read')
tells({ verb: 'read', what: 'the inbox', verdict: 'allowed', why: null })
check(small?.text === 'paid, as number 1', 'the small invoice is paid')
tells({ verb: 'pay', what: '400 to Bolt Inc', verdict: 'allowed', why: 'rule small-payments' })
const verdict = refusalOf(large)
check(verdict?.decision === 'require_approval', 'the large invoice waits')
tells({ verb: 'pay', what: '5000 to ACME Ltd', verdict: 'waits', why: `request ${verdict.approval.requestId}` })
check(refusalOf(removed)?.reason.rule === 'keep-invoices', 'the delete is denied')
tells({ verb: 'delete', what: 'acme-17.pdf', verdict: 'denied', why: 'rule keep-invoices' })
check(paid.join() === '400 Bolt Inc', 'exactly one invoice is paid')

line('A person looks at it in a second terminal and signs; the agent tries again:')
check(capfence('approve', verdict.approval.requestId, '--yes').status === 0, 'the approval is signed')
const [again] = await say('Try the large one again.')
check(again?.text === 'paid, as number 2', 'now it is paid')
tells({ verb: 'pay', what: '5000 to ACME Ltd', verdict: 'allowed', why: 'signed, and once' })
const [more] = await say('And again.')
check(refusalOf(more)?.decision === 'require_approval', 'the next one waits again')
tells({ verb: 'pay', what: '5000 to ACME Ltd, again', verdict: 'waits', why: 'the approval is used up' })
check(paid.join() === '400 Bolt Inc,5000 ACME Ltd', 'nothing else was paid')
await close()

check(capfence('verify').status === 0, 'the trail verifies')
line('Every step went as told. Next: packages/langchain/README.md.')

/** The verdict that comes with a refusal; the model sees its text alone. */
function refusalOf(message: ToolMessage | undefined): Refusal | undefined {
  const { capfence: found } = (message?.artifact ?? {}) as { readonly capfence?: Refusal }
  return found
}
