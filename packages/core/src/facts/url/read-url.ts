import { hostClass } from './host-class.ts'
import type { UrlFacts } from './url-facts.ts'

const MAX_URL = 8192
/** RFC 3986 §3.1 and §3.2; another count of slashes is for WHATWG's repair, which not every client makes alike. */
const SHAPE = /^(?:file:\/\/|[a-z][a-z0-9+.-]*:\/\/(?=[^/?#]))([^/?#]*)/i
const PORTS: Readonly<Record<string, number>> = { http: 80, https: 443, ws: 80, wss: 443, ftp: 21, ssh: 22, git: 9418 }
/** A name or an IPv4 address as WHATWG leaves it; other schemes keep whatever was written. */
const NAME = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_]([a-z0-9_-]{0,62}))*$/

/** What a URL names. What two programs could read in two ways is opaque. */
export function readUrl(text: string): UrlFacts {
  const why = whyUnreadable(text)
  if (why !== undefined) return { kind: 'opaque', why }
  const url = parsed(text)
  if (url === undefined) return { kind: 'opaque', why: 'it is not an absolute URL' }
  const scheme = url.protocol.slice(0, -1)
  // A `file` URL has no host, but reads this machine.
  if (url.host === '') return withoutHost(url, scheme)
  const host = bareHost(url.hostname)
  const found = isReadableHost(host) && !hidesAnother(text, host) ? hostClass(host) : undefined
  if (found === undefined) return { kind: 'opaque', why: 'its host has a form that programs read differently' }
  return { kind: 'url', href: url.href, scheme, host, hostClass: found, port: portOf(url, scheme) }
}

function whyUnreadable(text: string): string | undefined {
  if (text.length > MAX_URL) return 'it is too long'
  // Controls, blanks and non-ASCII are dropped, escaped or folded by some clients, and a backslash is a slash to some.
  if (!/^[!-~]*$/.test(text)) return 'it has blanks, control characters or characters beyond ASCII'
  if (text.includes('\\')) return 'it has a backslash'
  const shape = SHAPE.exec(text)
  if (shape === null) return 'it is not `scheme://host`'
  const authority = shape[1] ?? ''
  if (authority.includes('@')) return 'it has a user or a password'
  return authority.includes('%') ? 'its host is escaped' : undefined
}

function parsed(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined
}

function withoutHost(url: URL, scheme: string): UrlFacts {
  if (scheme !== 'file') return { kind: 'opaque', why: 'it has no host' }
  return { kind: 'url', href: url.href, scheme, host: '', hostClass: 'loopback', port: undefined }
}

function bareHost(hostname: string): string {
  const host = hostname.toLowerCase()
  if (host.startsWith('[')) return host.slice(1, -1)
  return host.endsWith('.') ? host.slice(0, -1) : host
}

// Where WHATWG keeps a host as it was written (`ssh://0x7f.1`), a last label of digits could still be an address.
function isReadableHost(host: string): boolean {
  if (host.includes(':')) return true
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(host)) return true
  return NAME.test(host) && !/(^|\.)(\d+|0x[0-9a-f]*)$/.test(host)
}

// `010.0.0.1` is 8.0.0.1 to WHATWG and 10.0.0.1 to programs that count by ten.
function hidesAnother(text: string, host: string): boolean {
  const parts = /^\w+:\/\/(\d{1,3}(?:\.\d{1,3}){3})(?![\w.-])/.exec(text)?.[1]?.split('.') ?? []
  if (!parts.some((part) => /^0\d/.test(part)) || hostClass(host) !== 'public') return false
  return parts.some((part) => Number(part) > 255) || hostClass(parts.map(Number).join('.')) !== 'public'
}

function portOf(url: URL, scheme: string): number | undefined {
  if (url.port !== '') return Number(url.port)
  return Object.hasOwn(PORTS, scheme) ? PORTS[scheme] : undefined
}
