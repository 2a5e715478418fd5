import { guardTools, toolApproval } from '@capfence/vercel-ai'
import { type ToolSet, generateText, isStepCount, tool } from 'ai'
import { expect, test } from 'vitest'
import { type Gate, alice, call, gate } from './gate.ts'
import { INPUT } from './raw-tools.ts'
import { type Turns, sdk7 } from './sdk.ts'

async function shop(): Promise<Gate & { readonly tools: ToolSet; readonly paid: unknown[] }> {
  const opened = await gate()
  const paid: unknown[] = []
  const pay = tool({ description: 'Pays.', inputSchema: INPUT, execute: (input) => paid.push(input) })
  return { ...opened, paid, tools: guardTools(opened.runtime, { pay }, { ...opened.host, runOf: () => 'run' }) }
}

function ask({ runtime, tools, approvals }: Gate & { readonly tools: ToolSet }, turns: Turns) {
  const { model } = sdk7.model(turns)
  const approval = toolApproval(runtime, { approvals })
  return generateText({ model, tools, prompt: 'go', toolApproval: approval, stopWhen: isStepCount(5) })
}

test('a-user-is-shown-the-request-of-the-core-and-its-answer-alone-runs-nothing', async () => {
  const opened = await shop()
  const asked = await ask(opened, [[call('c1', 'pay', { amount: 5000 })]])
  const question = asked.content.find((part) => part.type === 'tool-approval-request')
  const [request] = await opened.approvals.pending()
  expect(question?.reason).toContain(request?.id ?? 'a request')
  const answer = { type: 'tool-approval-response', approvalId: question?.approvalId ?? '', approved: true } as const
  const answered = async (): Promise<void> => {
    const messages = [
      { role: 'user' as const, content: 'go' },
      ...asked.response.messages,
      { role: 'tool' as const, content: [answer] },
    ]
    await generateText({ model: sdk7.model([]).model, tools: opened.tools, messages })
  }
  await answered()
  expect(opened.paid).toEqual([])
  await opened.approvals.approve(request?.id ?? '', { by: alice })
  await answered()
  await answered()
  expect(opened.paid).toEqual([{ amount: 5000 }])
})

test('what-is-allowed-or-denied-asks-nobody', async () => {
  const opened = await shop()
  const other = tool({ description: 'Other.', inputSchema: INPUT, execute: () => 'ran' })
  const tools = { ...opened.tools, ...guardTools(opened.runtime, { other }, opened.host) }
  const said = await ask({ ...opened, tools }, [[call('c1', 'pay', { amount: 5 }), call('c2', 'other')]])
  expect(opened.paid).toEqual([{ amount: 5 }])
  expect(said.steps[0]?.content.filter(({ type }) => type === 'tool-approval-response')).toMatchObject([
    { approved: false, toolCall: { toolName: 'other' } },
  ])
  expect(await opened.approvals.pending()).toEqual([])
})

test('a-preview-leaves-no-record', async () => {
  const { runtime, tools, records } = await shop()
  const question = { toolCall: { toolName: 'pay', toolCallId: 'c1', input: { amount: 5000 } }, tools, messages: [] }
  expect(await toolApproval(runtime)(question)).toMatchObject({ type: 'user-approval' })
  expect(await records()).toEqual([])
})

test('a-tool-without-a-guard-is-denied-and-one-that-runs-elsewhere-is-not-asked-about', async () => {
  const { runtime } = await shop()
  const raw = { pay: { inputSchema: INPUT, execute: () => 'ran' }, confirm: { inputSchema: INPUT } }
  const answer = async (toolName: string): Promise<unknown> =>
    toolApproval(runtime)({ toolCall: { toolName, toolCallId: 'c1', input: {} }, tools: raw, messages: [] })
  expect(await answer('pay')).toMatchObject({ type: 'denied' })
  expect(await answer('confirm')).toBe('not-applicable')
})
