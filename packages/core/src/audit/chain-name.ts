import { CapFenceError } from '../kernel/errors.ts'

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/
const BASE = /^[a-z0-9][a-z0-9.-]*(?:\/[a-z0-9._-]+)+$/

/** The name of a log: the store's own name and the chain's. Refused where a signed note could not carry it. */
export function originOf(base: string, chain: string): string {
  if (!NAME.test(chain)) {
    throw new CapFenceError(
      'CHAIN_INVALID',
      `\`${chain.slice(0, 80)}\` is no name for a chain: use a-z, 0-9, \`.\`, \`_\`, \`-\``,
    )
  }
  if (!BASE.test(base) || base.length > 200) {
    throw new CapFenceError(
      'CHAIN_INVALID',
      `\`${base.slice(0, 80)}\` is no name for a store: use \`host/path\` in lower case`,
    )
  }
  return `${base}/${chain}`
}

/** True where an origin is one of this chain. */
export function isOriginOf(origin: string, chain: string): boolean {
  return NAME.test(chain) && origin.endsWith(`/${chain}`) && BASE.test(origin.slice(0, -chain.length - 1))
}
