import { CapFenceError } from '../kernel/errors.ts'

/** Where notices go, as the URL standard writes it. */
export interface WebhookTarget {
  readonly href: string
  /** The host, with its port where that is not the scheme's own: all that a message may tell of the url. */
  readonly host: string
}

/** The hosts that plain http may go to: what they are sent does not leave the machine. */
const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost'])

/**
 * The url, where notices may go there: https, or http to this machine; a host that is exactly one of `hosts`; neither
 * a user nor a fragment. All else is `OPTION_INVALID`. No message quotes the url, whose path may be a secret, nor an
 * entry of `hosts`, which may be a whole url by mistake.
 */
export function webhookTarget(url: string, hosts: readonly string[]): WebhookTarget {
  const found = parseUrl(url)
  if (found === undefined) throw invalid('`url` is not a URL')
  const { protocol, host, hostname, href } = found
  if (protocol !== 'https:' && !(protocol === 'http:' && LOOPBACK.has(hostname))) {
    throw invalid('`url` must be https, or http to 127.0.0.1, [::1] or localhost')
  }
  if (found.username !== '' || found.password !== '') throw invalid('`url` must not hold a user or a password')
  if (href.includes('#')) throw invalid('`url` must not have a fragment')
  if (!allowedHosts(hosts, protocol).has(host)) throw invalid(`the host \`${host}\` of \`url\` is not one of \`hosts\``)
  return { href, host }
}

function allowedHosts(hosts: readonly string[], protocol: string): ReadonlySet<string> {
  const count = Array.isArray(hosts) ? hosts.length : 0
  if (count === 0) throw invalid('`hosts` must be a list of at least one host')
  return new Set(hosts.map((entry, at) => canonicalHost(entry, { protocol, at })))
}

// Host and port only. What a URL parser drops or decodes is refused, and so is a final dot: it names the same host twice.
const HOST = /^[^\s/\\?#@%*]+$/

function canonicalHost(entry: string, { protocol, at }: { protocol: string; at: number }): string {
  const found = HOST.test(entry) ? parseUrl(`${protocol}//${entry}`) : undefined
  if (found === undefined || found.hostname.endsWith('.')) {
    throw invalid(`\`hosts[${String(at)}]\` must be \`host\` or \`host:port\`, without wildcards`)
  }
  return found.host
}

// The parser's own error carries the whole text, so it is not kept.
function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined
}

function invalid(message: string): CapFenceError {
  return new CapFenceError('OPTION_INVALID', message)
}
