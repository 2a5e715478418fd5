// The fastest server that there is: one tool, one answer.
import { createInterface } from 'node:readline'

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id } = JSON.parse(line) as { id?: unknown }
  if (id === undefined) return
  const result = { content: [{ type: 'text', text: 'done' }] }
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, result })}\n`)
})
