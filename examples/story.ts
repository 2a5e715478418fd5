import { DatabaseSync } from 'node:sqlite'
import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

const paint = (style: Style, text: string): string => styleText(style, text, { stream: process.stdout })
const STYLES = { denied: 'red', allowed: 'green', waits: 'yellow' } as const satisfies Record<string, Style>

/** Ends the demo with exit code 1 where a step of the story is not true. */
export function check(holds: boolean, promise: string): asserts holds {
  if (holds) return
  console.error(`\nthe demo failed: expected that ${promise}`)
  process.exit(1)
}

/** The title line. */
export function heading(title: string, subtitle: string): void {
  console.log(`${paint('bold', title)}  ${paint('dim', subtitle)}`)
}

/** A line that opens a part of the story. */
export function line(text: string): void {
  console.log(`\n${text}`)
}

/** One action of the agent, and what became of it. */
export interface Told {
  readonly verb: string
  readonly what: string
  readonly verdict: 'denied' | 'allowed' | 'waits'
  readonly why: string | null
}

/** Tells of one action. */
export function tells({ verb, what, verdict, why }: Told): void {
  const shown = paint(STYLES[verdict], verdict.padEnd(8))
  console.log(`  ${verb.padEnd(7)}${what.padEnd(46)}${shown}${why === null ? '' : paint('dim', why)}`)
}

/** What a command printed, set apart. */
export function quote(text: string): void {
  for (const printed of text.trimEnd().split('\n')) console.log(`  ${paint('dim', '│')} ${printed}`)
}

/** The records of a trail, a line each. */
export function rows(database: string): void {
  const db = new DatabaseSync(database, { readOnly: true })
  const found = db.prepare('SELECT seq, body FROM record ORDER BY seq').all()
  db.close()
  const shown = found.map(({ seq, body }) => `${String(seq)} ${summary(JSON.parse(String(body)) as RecordBody)}`)
  for (const text of shown) console.log(`  ${text}`)
}

interface RecordBody {
  readonly kind: string
  readonly decision?: string
  readonly rule?: string | null
  readonly outcome?: string
  readonly event?: { readonly capability: string }
  readonly statement?: { readonly kind: string }
  readonly by?: string | null
}

function summary(body: RecordBody): string {
  const told = [body.decision, body.event?.capability, body.rule, body.outcome, body.statement?.kind, body.by]
  // A decision's own `outcome` says only whether one follows.
  const shown = body.kind === 'decision' ? told.toSpliced(3, 1) : told
  return [body.kind.padEnd(9), ...shown.filter((text) => text !== null && text !== undefined && text !== '')]
    .join('  ')
    .trimEnd()
}
