import { readFileSync } from 'node:fs'
import { CapFenceError, machine } from '@capfence/core'
import { VERIFY_EXIT_CODES } from '@capfence/core/audit'
import { type ReceiptRecord, type ReceiptReport, checkReceipt } from '@capfence/core/receipt'
import type { ExitCode } from '../exit-code.ts'
import { ioMessage } from '../io-message.ts'
import type { Output, Terminal } from '../output.ts'
import { outside } from '../trail/outside.ts'
import { jsonLine, visible } from '../visible.ts'

/** Which receipt to check, and by whose keys. */
export interface VerifyReceiptOptions {
  readonly file: string
  /** A vkey, or a file with some; this user's trust.json where left out. */
  readonly trust: string | undefined
  readonly json: boolean
}

/** Checks a receipt and says what it proves. */
export async function verifyReceipt(options: VerifyReceiptOptions, terminal: Terminal): Promise<ExitCode> {
  const bytes = readReceipt(options.file)
  const { trust, sources } = outside(machine(), { trust: options.trust }, { identity: '', chains: [] })
  const report = await checkReceipt(bytes, { trust })
  const shown = { file: options.file, report, sources }
  await terminal.out.write(options.json ? asJson(shown) : asText(shown, terminal.out))
  return VERIFY_EXIT_CODES[report.status]
}

const STANDARD_INPUT = 0

function readReceipt(file: string): Uint8Array {
  try {
    return readFileSync(file === '-' ? STANDARD_INPUT : file)
  } catch (cause) {
    throw new CapFenceError('IO', ioMessage(file, cause), { cause })
  }
}

interface Shown {
  readonly file: string
  readonly report: ReceiptReport
  readonly sources: readonly string[]
}

function asJson({ file, report, sources }: Shown): string {
  const { status, fault = null, checkpoint = null, record } = report
  const body: unknown = record === undefined ? null : JSON.parse(record.body)
  return jsonLine({ file, status, exit_code: VERIFY_EXIT_CODES[status], fault, record: body, checkpoint, sources })
}

const HEADLINES = {
  authentic: 'authentic',
  tampered: 'NOT A GOOD RECEIPT',
  integrity_only: 'agrees with itself, but no key is pinned',
} as const

function asText({ file, report, sources }: Shown, { paint }: Output): string {
  const { status, fault, record, checkpoint } = report
  const colour = { authentic: paint.green, tampered: paint.red, integrity_only: paint.yellow }[status]
  const lines = [
    ...(fault === undefined ? [] : [fault]),
    ...(record === undefined ? [] : recordLines(record)),
    ...(checkpoint === undefined ? [] : proofLines(report, checkpoint.size)),
    ...sources,
  ]
  return `${colour(HEADLINES[status])}: ${visible(file)}\n${lines.map((line) => `  ${visible(line)}\n`).join('')}`
}

function recordLines({ origin, seq, kind, at, body }: ReceiptRecord): readonly string[] {
  const { event, decision } = JSON.parse(body) as Readonly<Record<string, unknown>> // a body is an object
  const what = typeof decision === 'string' ? [decision, ...eventWords(event)].join(' ') : kind
  return [`record ${String(seq)} of ${origin}`, `${timeText(at)}  ${what}`]
}

function eventWords(event: unknown): readonly string[] {
  const { actor, capability, id } = (event ?? {}) as Readonly<Record<string, unknown>> // texts, or what stands for them
  return [actor, capability, id].filter((word) => typeof word === 'string')
}

function timeText(at: number): string {
  const date = new Date(at)
  return Number.isNaN(date.getTime()) ? String(at) : date.toISOString()
}

function proofLines({ status }: ReceiptReport, size: number): readonly string[] {
  const among = `in its place among the first ${String(size)} records`
  if (status === 'integrity_only') {
    return [`not proven: whose it is; anybody could have made it (pin a key with --trust)`]
  }
  return [
    `proven: the record is as it was signed, ${among}`,
    'not proven: that it tells the truth, or what else the log holds',
  ]
}
