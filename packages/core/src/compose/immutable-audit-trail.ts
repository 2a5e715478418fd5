import type { StoredRecord } from '../audit/chain-store.ts'
import type { HeadRecord } from '../audit/head-file.ts'
import { localHeads } from '../audit/local-heads.ts'
import { readTrust } from '../audit/trust.ts'
import type { StoreReport } from '../audit/verify-report.ts'
import { CapFenceError } from '../kernel/errors.ts'
import { type Machine, machine } from '../kernel/ports.ts'
import type { BaseDBEngine } from '../runtime/base-db-engine.ts'
import type { LeaseTimes } from '../runtime/lease.ts'
import type { Reconciliation } from '../runtime/reconcile.ts'
import { type Bindable, commonEngine } from './bind.ts'
import type { Rebuilt } from './rebuild.ts'
import type { VerifyTrailOptions } from './verify-trail.ts'

const PAGE = 512

/** What was decided and what became of it. Unbound until a runtime binds it to its engine. */
export class ImmutableAuditTrail implements Bindable {
  #engine: BaseDBEngine | undefined

  readonly #machine: Machine

  constructor(options: { readonly engine?: BaseDBEngine; readonly machine?: Machine } = {}) {
    this.#engine = options.engine
    this.#machine = options.machine ?? machine()
  }

  get engine(): BaseDBEngine | undefined {
    return this.#engine
  }

  bind(engine: BaseDBEngine): void {
    this.#engine = commonEngine([this.#engine, engine])
  }

  /** The records of a chain in order, page by page, exactly as they were signed; `decodeBody` reads one. */
  async *records(options: { readonly chain?: string; readonly from?: number } = {}): AsyncIterable<StoredRecord> {
    const engine = this.#bound()
    await engine.open()
    for (let from = options.from ?? 0; ;) {
      const page = await engine.records({ chain: options.chain ?? 'main', from, limit: PAGE })
      yield* page
      const last = page.at(-1)
      if (last === undefined) return
      from = last.seq + 1
    }
  }

  /**
   * Verifies every record, and what approvals, limits and suspensions it rests on: by the keys and heads that are handed
   * in, else by what this user's `trust.json` pins and the heads that this user remembers. Errors of the engine are
   * thrown; what is wrong with the trail is told.
   */
  async verify(known: VerifyTrailOptions = {}): Promise<StoreReport> {
    const engine = this.#bound()
    await engine.open()
    // Imported late: a runtime that only writes need not load it.
    const { verifyTrail } = await import('./verify-trail.ts')
    return verifyTrail(engine, await this.#known(engine, known))
  }

  /**
   * Makes the state of approvals anew from the trail: grants, requests, limits and suspensions, as their records tell
   * them. A trail that was tampered with is `AUDIT_CORRUPT`, one that lost records `AUDIT_ROLLBACK`; then nothing is
   * changed.
   */
  async rebuild(known: VerifyTrailOptions = {}): Promise<Rebuilt> {
    const engine = this.#bound()
    await engine.open()
    const { rebuildState } = await import('./rebuild.ts')
    return rebuildState(engine, await this.#known(engine, known), this.#machine)
  }

  /**
   * Records what a person says became of an action of which the trail does not know it, signed with the trail's own key.
   * Only `not_executed` opens the identity again. `REPORT_REFUSED` where the outcome is known, or the tool may still run;
   * `APPROVAL_REFUSED` in a process that an agent started. `leaseTimes` are those of the runtimes that write the trail,
   * where they are not the usual ones.
   */
  async reconcile(said: Reconciliation, options: { readonly leaseTimes?: LeaseTimes } = {}): Promise<void> {
    const engine = this.#bound()
    await engine.open()
    const { reconcile } = await import('./operate-trail.ts')
    await reconcile({ engine, machine: this.#machine }, said, options.leaseTimes)
  }

  /**
   * Goes on with the trail as it stands, though records of it are lost (`AUDIT_ROLLBACK`), or though what was remembered
   * of it is damaged (`HEAD_INVALID`): it is recorded, with the reason. Answers what was wrong; undefined where nothing is.
   * Processes that have seen more of the trail go on refusing until they are started anew.
   */
  async acceptLoss(options: { readonly reason: string }): Promise<string | undefined> {
    const engine = this.#bound()
    await engine.open()
    const { acceptLoss } = await import('./operate-trail.ts')
    return acceptLoss({ engine, machine: this.#machine }, options.reason)
  }

  async #known(engine: BaseDBEngine, known: VerifyTrailOptions): Promise<VerifyTrailOptions> {
    const isNamed = known.trust !== undefined && known.approvers !== undefined
    const own = isNamed ? undefined : readTrust(this.#machine)
    const { trust = own && [...own.writers.values()], approvers = own?.approvers } = known
    return { ...known, trust, approvers, heads: known.heads ?? (await this.#remembered(engine)) }
  }

  async #remembered(engine: BaseDBEngine): Promise<readonly HeadRecord[]> {
    const origins = (await engine.chains()).map(({ origin }) => origin)
    return localHeads(this.#machine, engine.identity, origins).flatMap(({ record }) => record ?? [])
  }

  #bound(): BaseDBEngine {
    if (this.#engine !== undefined) return this.#engine
    throw new CapFenceError('ENGINE_MISMATCH', 'this trail has no engine yet; hand it to an ActionRuntime first')
  }
}
