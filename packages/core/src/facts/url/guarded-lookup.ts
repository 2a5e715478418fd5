import { CapFenceError } from '../../kernel/errors.ts'
import { addressClass } from './host-class.ts'
import type { HostClass } from './url-facts.ts'

/** An address as `dns.lookup` gives it with `all: true`. */
interface LookupAddress {
  readonly address: string
  readonly family: number
}

type LookupDone = (error: Error | null, address?: string | LookupAddress[], family?: number) => void

/** The part of `dns.lookup` that `net.connect` and undici use. */
type Lookup = (
  hostname: string,
  options: { all?: boolean | undefined; [name: string]: unknown },
  done: (error: Error | null, address: never, family?: number) => void,
) => void

/**
 * A `lookup` for `net.connect`, `http.Agent` and undici's `connect`, round `dns.lookup`: a name that leads to an address
 * of another class is refused when the connection is made. A policy judges the name; only this sees where it leads (DNS
 * rebinding). `CONNECT_REFUSED` goes to whoever connects.
 */
export function guardedLookup(lookup: unknown, classes: readonly HostClass[]): Lookup {
  if (typeof lookup !== 'function')
    throw new CapFenceError('OPTION_INVALID', '`lookup` is not a function such as `dns.lookup`')
  const base = lookup as (hostname: string, options: object, done: LookupDone) => void
  return (hostname, options, done) => {
    const answer = done as LookupDone
    base(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) {
        answer(error)
        return
      }
      const addresses = Array.isArray(found) ? found : []
      const [first] = addresses
      // One bad address among several is enough: which of them is taken is not ours to say.
      if (first === undefined || !addresses.every(({ address }) => isOneOf(address, classes)))
        answer(refused(hostname, classes))
      else if (options.all === true) answer(null, addresses)
      else answer(null, first.address, first.family)
    })
  }
}

function isOneOf(address: string, classes: readonly HostClass[]): boolean {
  const found = addressClass(address)
  return found !== undefined && classes.includes(found)
}

function refused(hostname: string, classes: readonly HostClass[]): CapFenceError {
  return new CapFenceError(
    'CONNECT_REFUSED',
    `\`${hostname}\` leads to an address that is not ${classes.map((each) => `\`${each}\``).join(' or ')}`,
  )
}
