import { whyUnparsed } from '../src/facts/sql/prescan.ts'
import { readSql } from '../src/facts/sql/read-sql.ts'
import { loadSqlReader } from '../src/facts/sql/sql-reader.ts'
import { median, table } from './median.ts'

const RUNS = 9
const ROUNDS = 400

const ORDINARY: readonly (readonly [what: string, text: string])[] = [
  ['a short read', 'SELECT name, age FROM singer WHERE country = $1 ORDER BY age DESC LIMIT 10'],
  [
    'a read over joins',
    `SELECT c.name, count(*), sum(o.total) FROM customers c JOIN orders o ON o.customer_id = c.id
     WHERE o.created_at >= now() - interval '30 days' AND o.state IN ('paid', 'sent')
     GROUP BY c.name HAVING sum(o.total) > 100 ORDER BY 3 DESC LIMIT 20`,
  ],
  ['an update', "UPDATE orders SET state = 'sent', sent_at = now() WHERE id = 42 AND state = 'paid'"],
  ['a delete of all', 'DELETE FROM orders WHERE id = id OR 1 = 1'],
]

/** What takes longest of what is still read; each once. */
const WORST: readonly (readonly [what: string, text: string])[] = [
  ['2,000 ORs', `DELETE FROM t WHERE a = 1${' OR a = 1'.repeat(2_000)}`],
  ['5,000 columns', `SELECT 1${',a'.repeat(4_990)}`],
  ['1,000 statements', 'SELECT a FROM t;'.repeat(1_000)],
  ['400 comments', `${'/**/'.repeat(400)}SELECT 1`],
  ['2,000 rows', `INSERT INTO t VALUES (1)${',(-1)'.repeat(1_990)}`],
  ['200 CTEs', `WITH ${Array.from({ length: 200 }, (_none, at) => `c${at} AS (SELECT id FROM t)`).join()} SELECT 1`],
  ['500 sub-queries', `DELETE FROM t WHERE ${'id IN (SELECT id FROM t WHERE x = 1) OR '.repeat(500)} id = 1`],
  ['64 KiB of text', `SELECT '${'a'.repeat(65_000)}'`],
]

/** What reading an SQL text takes: processor time, of an ordinary one and of the worst within the bounds. */
export async function benchSql(): Promise<void> {
  const reader = await loadSqlReader()
  const cells = ORDINARY.map(([what, text]) => [
    what,
    micros(() => whyUnparsed(text)),
    micros(() => reader.parse(text)),
    micros(() => readSql(text, reader)),
  ])
  table('SQL facts, µs', [['', 'bounds', 'parse', 'all'], ...cells])
  const worst = WORST.map(([what, text]) => [what, millis(() => readSql(text, reader))])
  table('SQL facts at the bounds, ms', [['', 'all'], ...worst])
}

function micros(run: () => unknown): string {
  const times = Array.from({ length: RUNS }, () => cpu(() => repeat(run)) / ROUNDS)
  return median(times).toFixed(1)
}

function millis(run: () => unknown): string {
  return (median(Array.from({ length: RUNS }, () => cpu(run))) / 1_000).toFixed(1)
}

function repeat(run: () => unknown): void {
  for (let round = 0; round < ROUNDS; round++) run()
}

function cpu(run: () => unknown): number {
  const before = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(before)
  return user + system
}
