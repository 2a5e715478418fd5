// The agent of the story: what stands between the two marks is shown in the package's README, letter by letter.
// #region readme
import { openCapFence } from '@capfence/core'
import { guardTools } from '@capfence/langchain'
import { capfenceMiddleware } from '@capfence/langchain/middleware'
import { createAgent, tool } from 'langchain'
import { z } from 'zod'
import { model, otherTools } from './scene.ts'

const { runtime, close } = await openCapFence({ policy: 'examples/langchain-agent/policy.yaml' })
const host = { actor: 'invoice-agent', environment: 'production' }

const paid: string[] = []
const pay = tool(async ({ amount, to }) => `paid, as number ${paid.push(`${amount} ${to}`)}`, {
  name: 'pay_invoice',
  description: 'Pays an invoice.',
  schema: z.object({ amount: z.number(), to: z.string() }),
})

const tools = guardTools(runtime, [pay, ...otherTools], host)
const agent = createAgent({ model, tools, middleware: [capfenceMiddleware(runtime, host)] })
// #endregion readme

export { agent, close, paid }
