import { AIMessage } from '@langchain/core/messages'
import { fakeModel } from '@langchain/core/testing'
import { initChatModel, tool } from 'langchain'
import { z } from 'zod'
import { stage } from '../stage.ts'

/** Runs `capfence` as a person would in another terminal. Imported first, so that the stage is set before anything opens. */
export const { capfence } = stage()

const flag = process.argv.indexOf('--model')

/** The real model that the flag names, for example `--model openai:gpt-5`, with its package and its key; else undefined. */
export const realModel: string | undefined = flag < 0 ? undefined : process.argv[flag + 1]

const call = (id: string, name: string, args: Record<string, unknown> = {}): object => ({ id, name, args })
const large = { amount: 5000, to: 'ACME Ltd' }

// What a model might well do: one invoice is for deleting, one is too large.
const scripted = fakeModel()
  .respondWithTools([call('c1', 'read_invoices')] as never)
  .respondWithTools([
    call('c2', 'pay_invoice', { amount: 400, to: 'Bolt Inc' }),
    call('c3', 'pay_invoice', large),
    call('c4', 'delete_invoice', { file: 'acme-17.pdf' }),
  ] as never)
  .respond(new AIMessage('One is paid, one waits for approval, and I may not delete.'))
  .respondWithTools([call('c5', 'pay_invoice', large)] as never)
  .respond(new AIMessage('It is paid.'))
  .respondWithTools([call('c6', 'pay_invoice', large)] as never)
  .respond(new AIMessage('It waits again.'))

/** The model of the story: scripted, unless the flag names a real one. */
export const model = realModel === undefined ? scripted : await initChatModel(realModel)

const read = tool(async () => await Promise.resolve(['400 to Bolt Inc', '5000 to ACME Ltd']), {
  name: 'read_invoices',
  description: 'Reads the inbox.',
  schema: z.object({}),
})

const remove = tool(async ({ file }) => await Promise.resolve(`deleted ${file}`), {
  name: 'delete_invoice',
  description: 'Deletes an invoice.',
  schema: z.object({ file: z.string() }),
})

/** The tools that have nothing to do with money. */
export const otherTools = [read, remove] as const
