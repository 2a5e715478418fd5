import {
  type BaseDBEngine,
  CapFenceError,
  type ChainStore,
  ImmutableAuditTrail,
  isCapFenceError,
  machine,
} from '@capfence/core'
import { type StoreReport, VERIFY_EXIT_CODES, type VerifyStatus, verifyStore } from '@capfence/core/audit'
import type { ExitCode } from '../exit-code.ts'
import type { Output, Terminal } from '../output.ts'
import { EMPTY_STORE, isEmptyDatabase } from '../trail/empty-database.ts'
import { trailPath, withTrail } from '../trail/open-trail.ts'
import { type Outside, outside } from '../trail/outside.ts'
import { type ProgressLine, progressLine } from '../trail/verify-progress.ts'
import { writeVerifyState } from '../trail/verify-state.ts'
import { jsonLine, visible } from '../visible.ts'

/** What to verify, and by whose keys. */
export interface VerifyOptions {
  readonly database: string | undefined
  /** A vkey, or a file with some; this user's trust.json where left out. */
  readonly trust?: string | undefined
  /** `ORIGIN:SIZE:ROOT`, or the file of a checkpoint. */
  readonly expectHead?: string | undefined
  /** Where to remember how far the trail reached. */
  readonly state?: string | undefined
  /** Milliseconds that the newest record may be old. */
  readonly maxAge?: number | undefined
  readonly depth: { readonly deep: boolean; readonly strict: boolean; readonly quick: boolean }
  readonly json: boolean
}

/** Verifies a trail against what is known from outside, and says what that proves. */
export async function verify(options: VerifyOptions, terminal: Terminal): Promise<ExitCode> {
  const path = trailPath(options.database)
  if (machine().files.facts(path) === undefined) {
    throw new CapFenceError('IO', `there is no database at \`${path}\`; name one with \`--audit-log\``)
  }
  const progress = progressLine(terminal.err, !options.json && process.stderr.isTTY)
  const found = await findings(path, options, progress)
  if (options.state !== undefined && isGood(found.report)) writeVerifyState(machine(), options.state, found.report)
  await terminal.out.write(options.json ? asJson(path, found) : asText(path, found, terminal.out))
  return found.report.exitCode
}

interface Findings {
  readonly report: StoreReport
  /** Where keys and heads came from. */
  readonly sources: readonly string[]
}

// What was found to be wrong is not to be taken for the truth the next time.
function isGood({ status }: StoreReport): boolean {
  return status === 'authentic' || status === 'integrity_only'
}

async function findings(path: string, options: VerifyOptions, progress: ProgressLine): Promise<Findings> {
  const isFile = machine().files.facts(path)?.kind === 'file'
  const files = machine().files
  const checked = (store: ChainStore | BaseDBEngine, identity: string): Promise<Findings> =>
    hold(store, { identity, options, progress })
  if (isFile && isEmptyDatabase(path)) return checked(EMPTY_STORE, files.realPath(path))
  try {
    return await withTrail(path, ({ engine }) => checked(engine, engine.identity))
  } catch (cause) {
    // It is our database, with something in it that we never put there.
    if (!isCapFenceError(cause) || cause.code !== 'ENGINE_TAMPERED') throw cause
    return { report: damaged(cause.message), sources: [] }
  }
}

const DAMAGE: ReadonlySet<string> = new Set(['ENGINE_CORRUPT', 'ENGINE_TAMPERED', 'AUDIT_CORRUPT'])

interface Held {
  readonly identity: string
  readonly options: VerifyOptions
  readonly progress: ProgressLine
}

async function hold(store: ChainStore | BaseDBEngine, { identity, options, progress }: Held): Promise<Findings> {
  const known = outside(machine(), options, { identity, chains: await store.chains() })
  const newestSince = options.maxAge === undefined ? undefined : machine().clock.now() - options.maxAge
  try {
    const { onProgress } = progress
    const report = await reportOn(store, { ...known, ...options.depth, newestSince, onProgress })
    return { report, sources: known.sources }
  } catch (cause) {
    // The file was a trail when it was opened: what cannot be read in it now was damaged.
    if (!isCapFenceError(cause) || !DAMAGE.has(cause.code)) throw cause
    return { report: damaged(cause.message), sources: known.sources }
  } finally {
    await progress.end()
  }
}

type Known = Outside & Pick<Parameters<ImmutableAuditTrail['verify']>[0] & object, 'newestSince' | 'onProgress'>

// An empty file has no state beside its trail.
function reportOn(store: ChainStore | BaseDBEngine, known: Known): Promise<StoreReport> {
  return 'commit' in store ? new ImmutableAuditTrail({ engine: store }).verify(known) : verifyStore(store, known)
}

function damaged(note: string): StoreReport {
  return { status: 'tampered', exitCode: VERIFY_EXIT_CODES.tampered, records: 0, notes: [note], chains: [] }
}

function asJson(database: string, { report, sources }: Findings): string {
  const { status, exitCode, records, firstBad = null, notes, chains } = report
  const each = chains.map(
    ({ chain, origin, status: own, records: count, root, newestAt = null, firstBad: bad = null }) => {
      return {
        chain,
        origin,
        status: own,
        records: count,
        root: Buffer.from(root).toString('base64'),
        newest_at: newestAt,
        first_bad: bad,
      }
    },
  )
  return jsonLine({ database, status, exit_code: exitCode, records, first_bad: firstBad, notes, sources, chains: each })
}

const HEADLINES: Readonly<Record<VerifyStatus, string>> = {
  authentic: 'authentic and complete',
  tampered: 'TAMPERED',
  integrity_only: 'consistent, but integrity only',
  truncated: 'TRUNCATED, ROLLED BACK OR FORKED',
}

function asText(path: string, { report, sources }: Findings, { paint }: Output): string {
  const { status, records, firstBad, notes } = report
  const colour = { authentic: paint.green, tampered: paint.red, integrity_only: paint.yellow, truncated: paint.red }[
    status
  ]
  const bad = firstBad && `record ${String(firstBad.seq)} of \`${firstBad.chain}\` ${firstBad.what}`
  const lines = [
    ...(bad === undefined ? [] : [`  first bad record: ${visible(bad)}`]),
    ...[...notes, ...sources].map((note) => `  ${visible(note)}`),
  ]
  const count = `${String(records)} good record${records === 1 ? '' : 's'}`
  return `${colour(HEADLINES[status])}: ${visible(path)}, ${count}\n${lines.join('\n')}\n`
}
