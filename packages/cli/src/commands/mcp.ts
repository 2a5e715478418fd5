import { openCapFence } from '@capfence/core'
import { MAX_MESSAGE_BYTES, type McpOptions } from '@capfence/mcp'
import { type ProxyOptions, httpProxy, stdioProxy } from '@capfence/mcp/proxy'
import { EXIT, type ExitCode } from '../exit-code.ts'
import type { McpFlags } from '../mcp/flags.ts'
import { type Listening, listening } from '../mcp/listening.ts'
import { pinsFor } from '../mcp/pins.ts'
import { type Say, say } from '../mcp/say.ts'
import { type Upstream, upstream } from '../mcp/upstream.ts'
import type { Terminal } from '../output.ts'

// A server may answer with more than a client may ask with: an image, a file.
const SERVER_FACTOR = 8
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Stands between a client and an MCP server until one of them leaves, or the process is told to. */
export async function mcp(flags: McpFlags & { readonly policy: string }, terminal: Terminal): Promise<ExitCode> {
  const maxMessageBytes = flags.maxMessageBytes ?? MAX_MESSAGE_BYTES
  const where = listening(flags)
  const server = upstream(flags, { maxMessageBytes: maxMessageBytes * SERVER_FACTOR })
  const tell = say(terminal)
  const pins = pinsFor(server.name, flags.pins, tell)
  const leave = untilToldTo()
  const fence = await openCapFence({
    policy: flags.policy,
    ...(flags.db === undefined ? {} : { db: flags.db }),
    onFault: ({ message }) => {
      tell.line(message)
    },
  })
  const gate: McpOptions = { ...contextOf(flags), server: server.name, pins }
  const options = { runtime: fence.runtime, gate, openBack: server.openBack, say: tell.line }
  try {
    const how = { signal: leave.signal, maxMessageBytes }
    return await (where === undefined
      ? overStdio(options, how, tell)
      : overHttp(options, { ...how, where, server, flags }, tell))
  } finally {
    leave.stop()
    await fence.close()
  }
}

interface How {
  readonly signal: AbortSignal
  readonly maxMessageBytes: number
}

async function overStdio(options: ProxyOptions, how: How, { line }: Say): Promise<ExitCode> {
  const end = await stdioProxy({ ...options, ...how, input: process.stdin, output: process.stdout })
  if (end.by === 'host') return EXIT.ok
  line(end.why)
  return EXIT.unusable
}

interface HttpHow extends How {
  readonly where: Listening
  readonly server: Upstream
  readonly flags: McpFlags
}

async function overHttp(options: ProxyOptions, how: HttpHow, { line }: Say): Promise<ExitCode> {
  const { where, server, flags, signal, maxMessageBytes } = how
  const limits = {
    maxBodyBytes: maxMessageBytes,
    // Each session of a command is a process.
    maxSessions: flags.maxSessions ?? (server.isProcess ? 16 : 256),
    maxOpen: 512,
    requestMs: 30_000,
    idleMs: 30 * 60_000,
    stallMs: 60_000,
  }
  const proxy = await httpProxy({ ...options, ...where, limits, isProcess: server.isProcess })
  const { host } = where.listen
  line(
    `listening on http://${host.includes(':') ? `[${host}]` : host}:${String(proxy.port)}/mcp; to the policy, the tools are \`mcp.${server.name}.TOOL\``,
  )
  await ended(signal)
  await proxy.close()
  return EXIT.ok
}

function contextOf(flags: McpFlags): Omit<McpOptions, 'server' | 'pins'> {
  const { actor, environment, risk, session, tenant, userRole, judge, hideDenied } = flags
  return { actor, environment, risk, session, tenant, userRole, judge, hideDenied }
}

function ended(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => {
      resolve()
    })
  })
}

function untilToldTo(): { readonly signal: AbortSignal; readonly stop: () => void } {
  const leave = new AbortController()
  const go = (): void => {
    leave.abort()
  }
  for (const signal of SIGNALS) process.on(signal, go)
  return {
    signal: leave.signal,
    stop: () => {
      for (const signal of SIGNALS) process.off(signal, go)
    },
  }
}
