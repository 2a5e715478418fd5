import type { ChainHead } from '../audit/chain-store.ts'
import { decodeBody } from '../audit/decode-body.ts'
import { equalBytes } from '../kernel/bytes.ts'
import { CapFenceError } from '../kernel/errors.ts'
import type { BaseDBEngine } from './base-db-engine.ts'

/** When the newest record of a chain was written, on the engine's clock. */
export interface HeadTime {
  /** Of the record that a head names; read only where somebody else wrote it. Minus infinity for an empty chain. */
  of(head: ChainHead): Promise<number>
  /** Takes note of an extension of our own. */
  extended(head: ChainHead, at: number): void
}

/** The time of heads in one store. */
export function headTime(engine: Pick<BaseDBEngine, 'records'>): HeadTime {
  let known: { readonly entry: Uint8Array; readonly at: number } | undefined
  return {
    of: async ({ chain, size, entry }) => {
      if (size === 0) return Number.NEGATIVE_INFINITY
      if (known !== undefined && equalBytes(known.entry, entry)) return known.at
      const [tail] = await engine.records({ chain, from: size - 1, limit: 1 })
      if (tail?.seq !== size - 1 || !equalBytes(tail.entry, entry)) {
        throw new CapFenceError('AUDIT_CORRUPT', `the last record of \`${chain}\` is not the one that its head names`)
      }
      known = { entry, at: decodeBody(tail.body).at }
      return known.at
    },
    extended: ({ entry }, at) => {
      known = { entry, at }
    },
  }
}
