import { CapFenceError, type HandedVariable, agentEnvironment, isCapFences } from '@capfence/core'
import { type OpenBack, childBack, httpBack, isLoopback } from '@capfence/mcp/proxy'
import { InvalidArgumentError } from 'commander'
import type { ServerFlags } from './flags.ts'
import { headersFrom, tokens } from './secrets.ts'

/** A server that is meant. */
export interface Upstream {
  /** What the policy knows it by. */
  readonly name: string
  readonly isProcess: boolean
  readonly openBack: OpenBack
}

/** How much to take from a server at a time, and how often to start it again. */
interface UpstreamOptions {
  readonly maxMessageBytes: number
  readonly restarts?: number
}

/** The server that the command line names. */
export function upstream(flags: ServerFlags, options: UpstreamOptions): Upstream {
  const { command, upstream: address } = flags
  if (command.length > 0 === (address !== undefined)) {
    throw new InvalidArgumentError('name exactly one of `--upstream URL` and a command to start, after `--`')
  }
  return address === undefined ? processUpstream(flags, options) : httpUpstream(flags, address, options)
}

function processUpstream(flags: ServerFlags, options: UpstreamOptions): Upstream {
  const [program = '', ...args] = flags.command
  if (flags.server === undefined) throw new InvalidArgumentError("option '--server' is missing")
  const unfit = ['upstreamTokenFile', 'upstreamTokenEnv', 'upstreamHeaderEnv'] as const
  if (unfit.some((flag) => flags[flag] !== undefined)) {
    throw new InvalidArgumentError('`--upstream-…` options go with `--upstream`; a command gets variables with `--env`')
  }
  const env = agentEnvironment(process.env, (flags.env ?? []).map(handed), process.platform === 'win32')
  const openBack = childBack({ ...options, command: { command: program, args, env, cwd: flags.cwd } })
  return { name: serverName(flags.server), isProcess: true, openBack }
}

function handed(text: string): HandedVariable {
  const [, name = '', , value] = /^([A-Za-z_][A-Za-z0-9_]*)(=(.*))?$/s.exec(text) ?? []
  if (name === '') throw new InvalidArgumentError('`--env` takes NAME or NAME=VALUE')
  if (isCapFences(name)) {
    throw new InvalidArgumentError(`\`--env ${name}\`: variables of CapFence's own are not handed to a server`)
  }
  if (value === undefined && process.env[name] === undefined) {
    throw new InvalidArgumentError(`\`--env ${name}\`: there is no such variable here`)
  }
  return { name, value }
}

function httpUpstream(flags: ServerFlags, address: string, options: UpstreamOptions): Upstream {
  const url = urlOf(address)
  if (flags.env !== undefined || flags.cwd !== undefined) {
    throw new InvalidArgumentError('`--env` and `--cwd` go with a command to start')
  }
  const [token] = tokens(flags.upstreamTokenFile, flags.upstreamTokenEnv)
  const bearer = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const headers = { ...headersFrom(flags.upstreamHeaderEnv ?? []), ...bearer }
  if (Object.keys(headers).length > 0 && url.protocol === 'http:' && !isLoopback(hostOf(url))) {
    throw new CapFenceError('OPTION_INVALID', `credentials are not sent to \`${url.host}\` in the clear; use https`)
  }
  const name =
    flags.server ??
    url.hostname
      .toLowerCase()
      .replaceAll(/[^a-z0-9_-]+/g, '-')
      .replaceAll(/^-+|-+$/g, '')
  return { name: serverName(name), isProcess: false, openBack: httpBack({ url, headers, ...options }) }
}

function urlOf(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new InvalidArgumentError('`--upstream` takes an address that begins with http:// or https://')
  }
  if (url.username !== '' || url.password !== '') {
    throw new InvalidArgumentError('`--upstream` takes no password; use `--upstream-header-env`')
  }
  return url
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1')
}

function serverName(name: string): string {
  if (/^[a-z0-9_-]{1,64}$/.test(name)) return name
  throw new InvalidArgumentError('`--server` takes a name of a-z, 0-9, `_` and `-`, at most 64 long')
}
