import { boundedMap } from '../kernel/bounded-map.ts'
import { sha256Hex } from '../kernel/digest.ts'
import { type ArchivedPolicy, archivedPolicy } from '../policy/archived-policy.ts'
import type { BaseDBEngine } from './base-db-engine.ts'
import { policyKey } from './state-keys.ts'

/** Policies of the past, by digest; undefined for one that is not kept as it was. */
export type PolicyArchive = (digest: string | null) => Promise<ArchivedPolicy | undefined>

const MAX_READ = 64

/** The policies that a store keeps: each is believed because its digest is that of the record which names it. */
export function policyArchive(engine: Pick<BaseDBEngine, 'read'>): PolicyArchive {
  const known = boundedMap<string, { readonly policy: ArchivedPolicy | undefined }>(MAX_READ)
  return async (digest) => {
    if (digest === null) return undefined
    const found = known.get(digest) ?? { policy: await kept(engine, digest) }
    known.set(digest, found)
    return found.policy
  }
}

async function kept(engine: Pick<BaseDBEngine, 'read'>, digest: string): Promise<ArchivedPolicy | undefined> {
  const key = policyKey(digest)
  if (!/^[0-9a-f]{64}$/.test(digest)) return undefined
  const { state } = await engine.read({ keys: [key] })
  const canonical = state.get(key)?.value
  return canonical !== undefined && sha256Hex(canonical) === digest ? archivedPolicy(canonical) : undefined
}
