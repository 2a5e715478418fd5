// An agent in a process of its own: runs each event that comes in as a line, and answers with a line.
import { createInterface } from 'node:readline'
import { type ActionEventInit, CallRefusedError, openCapFence } from '@capfence/core'

const [policy = '', db = ''] = process.argv.slice(2)
const { runtime, close } = await openCapFence({
  policy,
  db,
  onFault: ({ message }) => process.stderr.write(`${message}\n`),
})
let runs = 0

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await attempt(JSON.parse(line) as ActionEventInit))}\n`)
}
await close()

async function attempt(event: ActionEventInit): Promise<object> {
  try {
    await runtime.run(event, () => {
      runs += 1
      return Promise.resolve(null)
    })
    return { code: 'ran', runs }
  } catch (cause) {
    if (!(cause instanceof CallRefusedError)) throw cause
    const { verdict, message } = cause
    const request = verdict.decision === 'require_approval' ? verdict.approval.requestId : null
    return { code: verdict.reason.code, message, runs, request }
  }
}
