import ipaddr from 'ipaddr.js'
import type { HostClass } from './url-facts.ts'

type Address = ipaddr.IPv4 | ipaddr.IPv6

/** Where clouds hand out credentials: AWS, Google, Azure, Oracle, Alibaba, OpenStack. */
const METADATA_ADDRESSES: ReadonlySet<string> = new Set([
  '169.254.169.254',
  '169.254.170.2',
  '169.254.170.23',
  '168.63.129.16',
  '192.0.0.192',
  '100.100.100.200',
  'fd00:ec2::254',
  'fd00:ec2::23',
  'fd20:ce::254',
])
const METADATA_NAMES: ReadonlySet<string> = new Set([
  'metadata',
  'metadata.google.internal',
  'metadata.goog',
  'instance-data',
  'instance-data.ec2.internal',
])
const LOOPBACK_NAMES = /(^|\.)(localhost|localhost\.localdomain|ip6-localhost|ip6-loopback)$/
// RFC 6762, RFC 8375, RFC 9476 and ICANN's `.internal`, and those of clusters and containers, which nobody delegated: names
// that only a local network answers.
const PRIVATE_NAMES =
  /\.(local|internal|home\.arpa|lan|intranet|corp|home|private|localdomain|alt|svc|pod|cluster|consul|docker|lxd)$/
// RFC 2606, RFC 6761, RFC 7686: names that no public server has.
const SPECIAL_NAMES = /(^|\.)(invalid|test|example|onion|arpa)$/

const CLASS_BY_RANGE: Readonly<Record<string, HostClass>> = {
  unicast: 'public',
  private: 'private',
  uniqueLocal: 'private',
  carrierGradeNat: 'private',
  loopback: 'loopback',
  linkLocal: 'link-local',
}

/** Every form of an address, `0x7f.1` as well; to ask the library of a name costs more than all else. */
const LIKE_ADDRESS = /^\d|:/

/** The class of a host out of a URL, in lower case and without brackets; undefined for an address that no one should write. */
export function hostClass(host: string): HostClass | undefined {
  if (LIKE_ADDRESS.test(host) && ipaddr.isValid(host)) return addressClass(host)
  if (METADATA_NAMES.has(host)) return 'metadata'
  if (LOOPBACK_NAMES.test(host)) return 'loopback'
  if (!host.includes('.')) return 'single-label'
  if (PRIVATE_NAMES.test(host)) return 'private'
  return SPECIAL_NAMES.test(host) ? 'special' : 'public'
}

/** The class of an address; undefined for one that hides another in a form that programs read differently. */
export function addressClass(text: string): HostClass | undefined {
  const written = ipaddr.parse(text)
  const address = carried(written)
  if (address === undefined) return undefined
  // `0.0.0.0` and `::` reach the machine itself.
  if (address.range() === 'unspecified') return isZero(address) ? 'loopback' : 'special'
  if ([written, address].some((each) => METADATA_ADDRESSES.has(canonical(each)))) return 'metadata'
  return CLASS_BY_RANGE[address.range()] ?? 'special'
}

function canonical(address: Address): string {
  return address instanceof ipaddr.IPv4 ? address.toString() : address.toRFC5952String()
}

function isZero(address: Address): boolean {
  return address.toByteArray().every((byte) => byte === 0)
}

// An IPv6 address that stands for an IPv4 one is as dangerous as that. RFC 4291 §2.5.5.2, RFC 6052, RFC 3056.
function carried(address: Address): Address | undefined {
  if (address instanceof ipaddr.IPv4) return address
  const bytes = address.toByteArray()
  const range = address.range()
  if (range === 'ipv4Mapped' || range === 'rfc6052') return ipv4(bytes.slice(12))
  if (range === '6to4') return ipv4(bytes.slice(2, 6))
  // `::/96`, deprecated by RFC 4291 §2.5.5.1: some stacks still take it for IPv4.
  const isCompatible = bytes.slice(0, 12).every((byte) => byte === 0)
  return isCompatible && range !== 'loopback' && range !== 'unspecified' ? undefined : address
}

function ipv4(bytes: readonly number[]): Address {
  return new ipaddr.IPv4([...bytes])
}
