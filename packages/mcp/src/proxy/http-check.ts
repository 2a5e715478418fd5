import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'

/** Who may speak to a proxy over HTTP. */
export interface HttpAccess {
  /** Further names by which clients may call the proxy, in the header Host. */
  readonly hosts: readonly string[]
  /** The web pages that may call it, as `https://app.example`. */
  readonly origins: readonly string[]
  /** One of these must be presented; none where nobody needs one. */
  readonly tokens: readonly string[]
}

/** Why a client may not go on. */
export interface Refused {
  readonly status: 401 | 403
  readonly why: string
}

/** A request of HTTP, as far as it says who asks. */
type Asking = Pick<IncomingMessage, 'headers' | 'rawHeaders'>

/** Why a request that comes from there is refused; undefined where nothing speaks against it. */
export function checkPlace(request: Asking, { hosts, origins }: HttpAccess): Refused | undefined {
  const { host, origin } = request.headers
  if (isTwice(request, 'host') || !isHost(host, hosts)) {
    return { status: 403, why: 'the header Host is none of this proxy' }
  }
  // A page that a browser shows can send requests to loopback: it says so itself, and only those named may.
  if (origin !== undefined && !isOrigin(origin, host, origins)) {
    return { status: 403, why: 'the header Origin is not allowed' }
  }
  return undefined
}

/** What stands for a client, the same for two only with the same token; or why it is refused. */
export function checkToken(request: Asking, { tokens }: HttpAccess): string | Refused {
  const { authorization } = request.headers
  if (isTwice(request, 'authorization') || !isKnown(authorization, tokens)) {
    return { status: 401, why: 'a bearer token is needed' }
  }
  return digest(authorization ?? '').toString('hex')
}

/** True for addresses that no other machine reaches. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

// DNS rebinding: the name in Host is the one that the client's browser took for an address of ours.
function isHost(header: string | undefined, hosts: readonly string[]): boolean {
  const name = header === undefined ? undefined : hostName(header)
  return name !== undefined && (isLoopback(name) || hosts.some((host) => host.toLowerCase() === name))
}

function hostName(header: string): string | undefined {
  const found = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/.exec(header.toLowerCase())
  return found?.[1] ?? found?.[2]
}

function isOrigin(origin: string, host: string | undefined, origins: readonly string[]): boolean {
  return origin === `http://${host ?? ''}` || origins.includes(origin)
}

function isKnown(authorization: string | undefined, tokens: readonly string[]): boolean {
  if (tokens.length === 0) return true
  const token = /^Bearer +([\x21-\x7e]+) *$/i.exec(authorization ?? '')?.[1]
  if (token === undefined) return false
  const presented = digest(token)
  return tokens.some((known) => timingSafeEqual(digest(known), presented))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

// Of two headers of one name, this proxy and the next one could each take another.
function isTwice({ rawHeaders }: Asking, name: string): boolean {
  return rawHeaders.filter((raw, index) => index % 2 === 0 && raw.toLowerCase() === name).length > 1
}
