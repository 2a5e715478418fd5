// #region readme
import { openCapFence } from '@capfence/core'
import { guardTools } from '@capfence/vercel-ai'
import { ToolLoopAgent, tool } from 'ai'
import { z } from 'zod'
import { model, refundOrder } from './scene.ts'

const tools = {
  refund: tool({
    description: 'Refunds an order.',
    inputSchema: z.object({ order: z.string(), amount: z.number() }),
    execute: refundOrder,
  }),
  close_account: tool({
    description: 'Closes the account of a customer.',
    inputSchema: z.object({ customer: z.string() }),
    execute: ({ customer }) => `closed ${customer}`,
  }),
}
const { runtime, close } = await openCapFence({ policy: 'examples/vercel-ai-agent/policy.yaml' })
const host = { actor: 'support-agent', environment: 'production' }
const agent = new ToolLoopAgent({ model, tools: guardTools(runtime, tools, host) })
// #endregion readme

export { agent, close }
