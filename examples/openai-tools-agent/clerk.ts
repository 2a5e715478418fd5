// #region readme
import { openCapFence } from '@capfence/core'
import { guardTools } from '@capfence/openai-tools'
import OpenAI from 'openai'
import { zodFunction } from 'openai/helpers/zod'
import { z } from 'zod'
import { deleteBill, payBill, readBill } from './office.ts'

const bill = z.object({ bill: z.string() })
const tools = [
  zodFunction({ name: 'read_bill', parameters: bill, function: readBill }),
  zodFunction({ name: 'delete_bill', parameters: bill, function: deleteBill }),
  zodFunction({ name: 'pay', parameters: z.object({ to: z.string(), amount: z.number() }), function: payBill }),
]
const { runtime, close } = await openCapFence({ policy: 'examples/openai-tools-agent/policy.yaml' })
const host = { actor: 'clerk', environment: 'production' }

/** Lets the clerk work on a message of a thread. */
export async function ask(content: string, thread: string): Promise<string | null> {
  const guarded = guardTools(runtime, tools, { ...host, runOf: () => thread })
  const messages = [{ role: 'user' as const, content }]
  return new OpenAI().chat.completions.runTools({ model: 'gpt-5.5', messages, tools: guarded }).finalContent()
}
// #endregion readme

export { close }
