import { CapFenceError } from '@capfence/core'
import { type HttpAccess, isLoopback } from '@capfence/mcp/proxy'
import { InvalidArgumentError } from 'commander'
import type { ListenFlags, ServerFlags } from './flags.ts'
import { tokens } from './secrets.ts'

/** Where to listen, and for whom. */
export interface Listening {
  readonly listen: { readonly host: string; readonly port: number }
  readonly access: HttpAccess
  readonly forwardsAuthorization: boolean
}

/** What the command line says of listening; undefined where standard input and output are meant. */
export function listening(flags: ListenFlags & ServerFlags): Listening | undefined {
  const { listen, tokenFile, tokenEnv, allowHost = [], allowOrigin = [] } = flags
  const forwardsAuthorization = flags.forwardAuthorization === true
  if (listen === undefined) return undefinedUnless(flags)
  const address = addressOf(listen)
  const access = { hosts: allowHost, origins: allowOrigin.map(originOf), tokens: tokens(tokenFile, tokenEnv) }
  if (access.tokens.length === 0 && !isLoopback(address.host)) {
    throw new InvalidArgumentError(
      `\`--listen ${listen}\` can be reached from elsewhere: name the tokens that clients must present (\`--token-file FILE\`)`,
    )
  }
  if (forwardsAuthorization) checkForwarding(flags, access)
  return { listen: address, access, forwardsAuthorization }
}

function checkForwarding(flags: ListenFlags & ServerFlags, access: HttpAccess): void {
  if (flags.upstream === undefined) throw new InvalidArgumentError('`--forward-authorization` goes with `--upstream`')
  checkClear(flags.upstream)
  if (access.tokens.length > 0) {
    throw new InvalidArgumentError(
      '`--forward-authorization` and tokens of the proxy are the same header: name one of them',
    )
  }
  const isOwn = (flags.upstreamHeaderEnv ?? []).some((header) => /^authorization=/i.test(header))
  if (flags.upstreamTokenFile !== undefined || flags.upstreamTokenEnv !== undefined || isOwn) {
    throw new InvalidArgumentError(
      "`--forward-authorization` and the proxy's own token are the same header: name one of them",
    )
  }
}

// Of its clients too a proxy sends nothing to another machine in the clear.
function checkClear(address: string): void {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url?.protocol !== 'http:' || isLoopback(url.hostname.replace(/^\[(.*)\]$/, '$1'))) return
  throw new CapFenceError('OPTION_INVALID', `credentials are not sent to \`${url.host}\` in the clear; use https`)
}

function undefinedUnless(flags: ListenFlags): undefined {
  const wanted = ['tokenFile', 'tokenEnv', 'forwardAuthorization', 'allowHost', 'allowOrigin', 'maxSessions'] as const
  const stray = wanted.find((flag) => flags[flag] !== undefined)
  if (stray === undefined) return undefined
  throw new InvalidArgumentError(
    `\`--${stray.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}\` goes with \`--listen\``,
  )
}

function addressOf(text: string): Listening['listen'] {
  const [, bracketed, plain, port = ''] = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+)):(\d{1,5})$/.exec(text) ?? []
  const host = bracketed ?? plain
  if (host === undefined || Number(port) > 65_535) {
    throw new InvalidArgumentError('`--listen` takes HOST:PORT, for example 127.0.0.1:8808')
  }
  return { host, port: Number(port) }
}

function originOf(text: string): string {
  const origin = URL.canParse(text) ? new URL(text).origin : 'null'
  if (origin !== 'null' && origin === text) return origin
  throw new InvalidArgumentError('`--allow-origin` takes an origin, for example https://app.example')
}
