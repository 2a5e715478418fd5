import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { onTestFinished, vi } from 'vitest'
import { capfence, home, nodeArguments, temporaryFolder } from './command.ts'

/** A server that misbehaves on demand. */
export const RAW_SERVER: string = fileURLToPath(new URL('../../mcp/test/proxy/fixture/raw-server.ts', import.meta.url))

/** A message, as far as the tests look at it. */
export interface Said {
  readonly id?: unknown
  readonly method?: string
  readonly result?: { readonly content?: readonly { readonly text: string }[]; readonly isError?: boolean }
  readonly error?: { readonly code: number; readonly message: string }
}

/** A real proxy process, and a host that speaks to it. */
export interface ProxyProcess {
  readonly folder: string
  readonly process: ChildProcessWithoutNullStreams
  readonly write: (text: string) => Promise<void>
  readonly send: (message: object) => Promise<void>
  /** The next message on its standard output; throws for what is none. */
  readonly next: () => Promise<Said>
  readonly call: (id: number | string, name: string, args?: object) => Promise<Said>
  readonly stderr: () => string
  /** How it ends: its exit code, or the signal. */
  readonly ended: Promise<number | string | null>
  readonly rssBytes: () => number
  /** What `capfence ARGS` says of its trail. */
  readonly trail: (...args: readonly string[]) => Promise<string>
}

const POLICY = `version: 1
deny:
  - { id: no-wiping, capability: mcp.raw.wipe }
allow:
  - mcp.raw.*
`

/** How to start it. */
export interface ProcessOptions {
  readonly args?: readonly string[]
  readonly server?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly folder?: string
}

/** Starts `capfence mcp` over a server. */
export function proxyProcess({
  args = [],
  server,
  env = {},
  folder = temporaryFolder(),
}: ProcessOptions = {}): ProxyProcess {
  const policy = join(folder, 'policy.yaml')
  writeFileSync(policy, POLICY)
  const own = { ...home(folder), CAPFENCE_DB: join(folder, 'trail.db'), ...env }
  const command = server ?? ['--server', 'raw', '--env', 'NODE_COMPILE_CACHE', '--', process.execPath, RAW_SERVER]
  const started = spawn(process.execPath, nodeArguments(['mcp', '--policy', policy, ...args, ...command]), {
    cwd: folder,
    env: own,
  })
  let stderr = ''
  started.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  started.stdin.on('error', () => undefined)
  const ended = new Promise<number | string | null>((resolve) => {
    started.once('exit', (code, signal) => {
      resolve(code ?? signal)
    })
  })
  onTestFinished(async () => {
    started.kill('SIGKILL')
    await ended
  })
  const lines = createInterface({ input: started.stdout })[Symbol.asyncIterator]()
  const write = (text: string): Promise<void> =>
    new Promise((resolve) => {
      started.stdin.write(text, () => {
        resolve()
      })
    })
  const send = (message: object): Promise<void> => write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  const next = async (): Promise<Said> => {
    const line = await lines.next()
    if (line.done === true) throw new Error(`the proxy says nothing more: ${stderr}`)
    return JSON.parse(line.value) as Said
  }
  return {
    folder,
    process: started,
    write,
    send,
    next,
    ended,
    stderr: () => stderr,
    call: async (id, name, given = {}) => {
      await send({ id, method: 'tools/call', params: { name, arguments: given } })
      for (;;) {
        const said = await next()
        if (said.id === id && said.method === undefined) return said
      }
    },
    rssBytes: () => {
      const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${String(started.pid)}/status`, 'utf8')) ?? []
      return Number(kilobytes) * 1024
    },
    trail: async (...asked) => (await capfence(asked, { cwd: folder, env: own })).stdout,
  }
}

/** The text that a tool answered. */
export function textOf(said: Said): string {
  return said.result?.content?.map(({ text }) => text).join('') ?? JSON.stringify(said)
}

/** Waits until a process is gone. */
export async function isGone(pid: number): Promise<void> {
  await vi.waitFor(() => {
    try {
      process.kill(pid, 0)
    } catch {
      return
    }
    throw new Error(`${String(pid)} is still there`)
  }, 10_000)
}
