// A proxy that pipes, and calls `runtime.run` around each message: what the least gate of all would cost.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { MemoryEngine } from '@capfence/core/memory'
import { benchRuntime, echoEvent } from './gate.ts'

const [command = '', ...args] = process.argv.slice(2)
const server = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], detached: true })
const runtime = await benchRuntime(new MemoryEngine())
let answered: (line: string) => void = () => undefined
createInterface({ input: server.stdout }).on('line', (line) => answered(line))
let number = 0
// The bench makes one call at a time, so the next answer is the answer.
createInterface({ input: process.stdin })
  .on('line', (line) => {
    number += 1
    const answer = runtime.run(echoEvent(runtime, number), async () => {
      server.stdin.write(`${line}\n`)
      return new Promise<string>((resolve) => {
        answered = resolve
      })
    })
    void answer.then((text) => process.stdout.write(`${text}\n`))
  })
  .on('close', () => server.stdin.end())
