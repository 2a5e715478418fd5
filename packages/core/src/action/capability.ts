import type { Brand } from '../kernel/brand.ts'
import { CapFenceError } from '../kernel/errors.ts'

/** What is asked for: `resource.action.scope`, lower case, no wildcard. The scope may hold more dots. */
export type Capability = Brand<string, 'Capability'>

/** Where a capability comes from; the environment is the scope where nothing else is. */
export interface CapabilitySource {
  readonly resource: string
  readonly action: string
  readonly scope?: string | undefined
  readonly environment: string
}

/** The three parts of a capability; `scope` is non-empty. */
export interface CapabilityParts {
  readonly resource: string
  readonly action: string
  readonly scope: readonly string[]
}

const SEGMENT = /^[a-z0-9_-]+$/

/** Text with A–Z folded and nothing else: U+212A (the Kelvin sign) is not `k`. */
export function asciiLower(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

/** Parses `resource.action.scope`; anything else is `CAPABILITY_INVALID`. */
export function capability(text: string): Capability {
  const folded = asciiLower(text)
  const segments = folded.split('.')
  if (segments.length < 3 || !segments.every((segment) => SEGMENT.test(segment))) throw invalid(text)
  return folded as Capability // the only cast: every segment was checked
}

/**
 * The capability of an event: the first segment of `resource`, then `action`, then the rest of `resource` and `scope`;
 * the environment where both of these are missing.
 */
export function capabilityOf(source: CapabilitySource): Capability {
  const [first = '', ...rest] = source.resource.split('.')
  const scope = [...rest, ...(source.scope === undefined ? [] : [source.scope])]
  if (source.action.includes('.')) throw invalid(source.action)
  return capability([first, source.action, ...(scope.length === 0 ? [source.environment] : scope)].join('.'))
}

/** Splits at the first two dots; the rest is the scope, by segment. */
export function capabilityParts(text: Capability): CapabilityParts {
  const [resource = '', action = '', ...scope] = text.split('.')
  return { resource, action, scope }
}

/** True for one segment of a capability. */
export function isSegment(text: string): boolean {
  return SEGMENT.test(text)
}

function invalid(text: string): CapFenceError {
  const shown = text.length <= 80 ? text : `${text.slice(0, 79)}…`
  return new CapFenceError(
    'CAPABILITY_INVALID',
    `${JSON.stringify(shown)} is not resource.action.scope (segments are a-z, 0-9, \`_\` and \`-\`)`,
  )
}
