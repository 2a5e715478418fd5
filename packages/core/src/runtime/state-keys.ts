import { sha256Hex } from '../kernel/digest.ts'

/** State keys of the runtime. Ids from outside are hashed, so that no key outgrows its bound or forges another. */
export const callKey = (eventId: string): string => `call/${sha256Hex(eventId)}`
export const policyKey = (digest: string): string => `policy/${digest}`
export const LEASES = 'lease/'
export const leaseKey = (writer: string): string => `${LEASES}${writer}`
/** The prefix of a writer's open decisions. */
export const opensOf = (writer: string): string => `open/${writer}/`
export const openKey = (writer: string, eventId: string): string => `${opensOf(writer)}${sha256Hex(eventId)}`
