import { type BaseDBEngine, CapFenceError, isCapFenceError, machine } from '@capfence/core'
import { type MadeReceipt, formatJsonReceipt, formatReceipt, makeReceipt, readTrust } from '@capfence/core/audit'
import { checkReceipt } from '@capfence/core/receipt'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { failureText } from '../failure.ts'
import type { Terminal } from '../output.ts'
import { trailPath, withTrail } from '../trail/open-trail.ts'
import { readRecords } from '../trail/read-records.ts'
import { jsonLine, visible } from '../visible.ts'

/** Of which record, and where it goes. */
export interface ReceiptOptions {
  /** A record's number, or the id of an event. */
  readonly wanted: number | string
  readonly chain: string
  readonly out: string | undefined
  readonly database: string | undefined
  readonly json: boolean
}

/** Writes the receipt of a record. One that would not be found good is never written. */
export async function receipt(options: ReceiptOptions, terminal: Terminal): Promise<ExitCode> {
  const path = trailPath(options.database)
  if (machine().files.facts(path) === undefined) throw new CapFenceError('IO', `there is no database at \`${path}\``)
  try {
    const made = await withTrail(path, ({ engine }) => make(engine, options))
    await hand(made, options, terminal)
    return EXIT.ok
  } catch (cause) {
    if (!isCapFenceError(cause) || cause.code !== 'AUDIT_CORRUPT') throw cause
    await terminal[options.json ? 'out' : 'err'].write(
      options.json
        ? jsonLine({ error: { code: cause.code, message: cause.message } })
        : failureText(cause.message, terminal.err),
    )
    return EXIT.found
  }
}

async function make(engine: BaseDBEngine, { wanted, chain }: ReceiptOptions): Promise<MadeReceipt> {
  const seq = typeof wanted === 'number' ? wanted : await decisionOn(engine, chain, wanted)
  const made = await makeReceipt(engine, { chain, seq })
  // By the key that the trail names, and those that this user trusts, to which it may have been rotated.
  const trust = [made.head.vkey, ...readTrust(machine()).writers.values()]
  const { fault } = await checkReceipt(formatReceipt(made.receipt), { trust })
  if (fault === undefined) return made
  throw new CapFenceError('AUDIT_CORRUPT', `the receipt would not be believed: ${fault}; run \`capfence verify\``)
}

async function decisionOn(engine: BaseDBEngine, chain: string, id: string): Promise<number> {
  for await (const found of readRecords(engine, 'newest first')) {
    const isDecision = found.chain === chain && 'body' in found && found.body.kind === 'decision'
    if (isDecision && found.body.event.id === id) return found.seq
  }
  throw new CapFenceError('IO', `there is no decision on the event \`${id.slice(0, 200)}\` in \`${chain}\``)
}

async function hand(made: MadeReceipt, { out, json }: ReceiptOptions, terminal: Terminal): Promise<void> {
  const { receipt: proof, head, size } = made
  const text = json ? formatJsonReceipt(proof) : formatReceipt(proof)
  if (out === undefined) {
    await terminal.out.write(text)
    return
  }
  machine().files.replace(out, text, 0o644)
  const told = { file: out, origin: head.origin, chain: head.chain, seq: proof.index, size }
  const line = `record ${String(proof.index)} of ${head.origin}, proven among ${String(size)}: ${out}`
  await terminal.out.write(json ? jsonLine(told) : `${visible(line)}\n`)
}
