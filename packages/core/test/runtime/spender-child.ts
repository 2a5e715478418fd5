// One of many spenders of one grant or one limit on one SQLite file. Told what to do by messages, and says what came of it.
import { appendFileSync } from 'node:fs'
import { CallRefusedError } from '../../src/action/call-refused-error.ts'
import { openCapFence } from '../../src/compose/open-capfence.ts'
import { homeIn } from '../support/home-in.ts'
import { pay } from './gate.ts'

/** `race`: so many at once, each an action of its own. `spend`: one after the other, until the limit is used up. */
export interface Order {
  readonly kind: 'race' | 'spend'
  readonly actor: string
  readonly amount: number
  /** How many callers this process is. */
  readonly callers: number
  /** All processes begin at this time; milliseconds since 1970. */
  readonly startAt: number
}

/** What came of an order: how many tools ran, and how many were refused, by decision and code. */
export interface Report {
  readonly ran: number
  readonly refused: Readonly<Record<string, number>>
}

const [home = ''] = process.argv.slice(2)
const fence = await openCapFence({
  policy: `${home}/policy.yaml`,
  db: `${home}/trail.db`,
  machine: homeIn(home),
  deadlineMs: 120_000,
})
let attempts = 0

// The line in the ledger is the tool's effect: it is there only if the tool was started.
async function attempt({ actor, amount }: Order): Promise<string> {
  const id = `${String(process.pid)}-${String(attempts++)}`
  try {
    await fence.runtime.run(pay(amount, { id, actor, args: { amount, id } }), () => {
      appendFileSync(`${home}/ledger-${actor}`, `${String(amount)}\n`)
    })
    return 'ran'
  } catch (cause) {
    if (!(cause instanceof CallRefusedError)) return `error: ${String(cause)}`
    const { decision, reason } = cause.verdict
    return reason.message === '' ? `${decision} without a word` : `${decision} ${reason.code}`
  }
}

async function caller(order: Order): Promise<readonly string[]> {
  const said = [await attempt(order)]
  while (order.kind === 'spend' && said.at(-1) === 'ran') said.push(await attempt(order))
  return said
}

async function obey(order: Order): Promise<Report> {
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, order.startAt - Date.now() - 5)))
  // Timers are not exact, and all processes are to begin at once.
  while (Date.now() < order.startAt);
  const said = (await Promise.all(Array.from({ length: order.callers }, () => caller(order)))).flat()
  const refused: Record<string, number> = {}
  for (const answer of said) if (answer !== 'ran') refused[answer] = (refused[answer] ?? 0) + 1
  return { ran: said.filter((answer) => answer === 'ran').length, refused }
}

process.on('message', (order: Order) => {
  void obey(order).then((report) => process.send?.(report))
})
process.on('disconnect', () => {
  void fence.close().then(() => process.exit(0))
})
process.send?.('ready')
