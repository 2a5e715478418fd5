import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** What a tool answered. */
export interface Answer {
  readonly text: string
  readonly isError: boolean
}

/** A host that speaks MCP over a process's standard input and output, as Claude Desktop, Cursor and VS Code do. */
export interface Host {
  readonly call: (tool: string, args: object) => Promise<Answer>
  readonly tools: () => Promise<readonly string[]>
  readonly leave: () => Promise<number | null>
}

/** The `capfence` command: from the sources where the story runs from them, else as it is installed. */
export function gateCommand(): readonly string[] {
  const isSource = process.execArgv.some((argument) => argument.includes('@capfence/source'))
  const main = isSource
    ? join(import.meta.dirname, '../../packages/cli/src/main.ts')
    : fileURLToPath(new URL('bin/capfence.js', import.meta.resolve('@capfence/cli/package.json')))
  return [process.execPath, ...process.execArgv, main]
}

interface Message {
  readonly id?: number
  readonly result?: {
    readonly content?: readonly { readonly text?: string }[]
    readonly isError?: boolean
    readonly tools?: readonly { readonly name: string }[]
  }
  readonly error?: { readonly message: string }
}

/** Starts what a host has in its configuration, and begins a session. */
export async function startHost(command: readonly string[]): Promise<Host> {
  const [program = '', ...args] = command
  const child: ChildProcess = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const waiting = new Map<number, (message: Message) => void>()
  if (child.stdout === null || child.stdin === null) throw new Error('the process has no pipes')
  const { stdin } = child
  createInterface({ input: child.stdout }).on('line', (line) => {
    const message = JSON.parse(line) as Message
    if (message.id !== undefined) waiting.get(message.id)?.(message)
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const send = (message: object): void => {
    stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  }
  const ask = (method: string, params: object): Promise<Message> => {
    const id = waiting.size + 1
    send({ id, method, params })
    return new Promise((resolve) => {
      waiting.set(id, resolve)
    })
  }
  const clientInfo = { name: 'story', version: '1' }
  await ask('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo })
  send({ method: 'notifications/initialized' })
  return {
    call: async (name, given) => {
      const { result, error } = await ask('tools/call', { name, arguments: given })
      const text = result?.content?.map((part) => part.text ?? '').join('') ?? error?.message ?? ''
      return { text, isError: result?.isError === true || error !== undefined }
    },
    tools: async () => ((await ask('tools/list', {})).result?.tools ?? []).map(({ name }) => name),
    leave: () => {
      stdin.end()
      return ended
    },
  }
}
