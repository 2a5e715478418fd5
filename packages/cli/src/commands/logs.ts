import { EXIT, type ExitCode } from '../exit-code.ts'
import type { Terminal } from '../output.ts'
import { openRecords } from '../trail/open-records.ts'
import { type Trail, trailPath, withTrail } from '../trail/open-trail.ts'
import { readRecords, type ReadRecord } from '../trail/read-records.ts'
import { recordArgs } from '../trail/record-args.ts'
import { recordRow } from '../trail/record-row.ts'
import { jsonLine, visible } from '../visible.ts'

/** Which records to list; all must hold. */
interface LogFilter {
  readonly actor?: string | undefined
  readonly decision?: string | undefined
  readonly kind?: string | undefined
  /** Milliseconds since 1970. */
  readonly since?: number | undefined
  /** Only the newest so many. */
  readonly limit?: number | undefined
  /** Only decisions of which nobody knows what became. */
  readonly open?: true | undefined
}

/** What to list, and how. */
export interface LogsOptions {
  readonly database: string | undefined
  readonly filter: LogFilter
  readonly json: boolean
}

/** Lists records, the newest last. Signatures are for `verify` to check. */
export function logs(options: LogsOptions, terminal: Terminal): Promise<ExitCode> {
  return withTrail(trailPath(options.database), async (trail) => {
    let code: ExitCode = EXIT.ok
    for await (const record of chosen(trail, options.filter)) {
      if (terminal.out.closed) return EXIT.ok // a reader of a list may leave when it has seen enough
      if ('problem' in record) {
        code = EXIT.found
        await terminal.err.write(`${visible(unreadable(record, record.problem))}\n`)
      }
      await terminal.out.write(options.json ? await asJson(record, trail) : recordRow(record, terminal.out))
    }
    return code
  })
}

async function* chosen({ engine }: Trail, filter: LogFilter): AsyncGenerator<ReadRecord> {
  if (filter.open === true) {
    const open = (await openRecords(engine)).filter(([decision]) => matches(decision, filter))
    yield* (filter.limit === undefined ? open : open.slice(-filter.limit)).flat()
    return
  }
  if (filter.limit === undefined) {
    for await (const record of readRecords(engine, 'oldest first')) if (matches(record, filter)) yield record
    return
  }
  const newest: ReadRecord[] = []
  for await (const record of readRecords(engine, 'newest first')) {
    if (newest.length >= filter.limit) break
    if (matches(record, filter)) newest.push(record)
  }
  yield* newest.toReversed()
}

// A record that cannot be read is listed whatever is asked for: nobody can say that it is not the one.
function matches(record: ReadRecord, { actor, decision, kind, since }: LogFilter): boolean {
  if ('problem' in record) return true
  const { body } = record
  const isWanted = (wanted: unknown, found: () => unknown): boolean => wanted === undefined || found() === wanted
  return (
    body.at >= (since ?? Number.NEGATIVE_INFINITY) &&
    isWanted(kind, () => body.kind) &&
    isWanted(decision, () => body.kind === 'decision' && body.decision) &&
    isWanted(actor, () => body.kind === 'decision' && body.event.actor)
  )
}

async function asJson(record: ReadRecord, { engine }: Trail): Promise<string> {
  if ('problem' in record) {
    const { chain, seq, problem } = record
    return jsonLine({ kind: 'unreadable', chain, seq, message: problem })
  }
  const { body } = record
  // In place of their salted hashes, the arguments themselves.
  return jsonLine(body.kind === 'decision' ? { ...body, args: await recordArgs(engine, body) } : body)
}

function unreadable({ chain, seq }: ReadRecord, problem: string): string {
  return `record ${String(seq)} of \`${chain}\` cannot be read (${problem}); run \`capfence verify\``
}
