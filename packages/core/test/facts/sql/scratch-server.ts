import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'

/** A PostgreSQL server for tests, by its URL: superuser, and any database to begin in. */
const SERVER = process.env['CAPFENCE_TEST_POSTGRES'] ?? 'postgresql://postgres@127.0.0.1:5432/postgres'
const MUST_BE_THERE = process.env['CAPFENCE_REQUIRE_SERVICES'] === '1'

const OPTIONS = '-c client_min_messages=error -c statement_timeout=20000 -c synchronous_commit=off'

/** A database of one test file, and the names that its cases may use outside it. */
export interface ScratchDatabase {
  /** The version of the server, `15` for 15.20. */
  readonly version: number
  /** A role and a file of the server that nobody else has. */
  readonly role: string
  readonly file: string
  /** Runs statements in one session, each text in one message; their results, a line each. A failing one is skipped. */
  readonly run: (texts: readonly string[]) => string
  readonly drop: () => void
}

/** A new database; undefined where there is no server and none is asked for. */
export function scratchDatabase(): ScratchDatabase | undefined {
  const name = `capfence_facts_${randomBytes(6).toString('hex')}`
  const found = version()
  if (found === undefined) return undefined
  psql(SERVER, [`CREATE DATABASE ${name}`])
  const url = new URL(SERVER)
  url.pathname = `/${name}`
  const file = `/tmp/${name}`
  return {
    version: found,
    role: name,
    file,
    run: (texts) => psql(url.href, texts),
    drop: () => {
      psql(url.href, [`COPY (SELECT 1) TO PROGRAM 'rm -f ${file}'`, `DROP OWNED BY ${name}`])
      psql(SERVER, [`DROP DATABASE ${name} WITH (FORCE)`, `DROP ROLE IF EXISTS ${name}`])
    },
  }
}

function version(): number | undefined {
  try {
    const text = psql(SERVER, ['SHOW server_version_num'])
    return Math.floor(Number(text) / 10_000)
  } catch (cause) {
    if (MUST_BE_THERE) throw new Error('no PostgreSQL for the tests of SQL facts, or no psql', { cause })
    return undefined // no server is asked for: its cases are skipped, and counted as skipped
  }
}

// A text that fails is part of many cases; a server that is not there, or no psql, is a fault.
function psql(url: string, texts: readonly string[]): string {
  const commands = texts.flatMap((text) => ['-c', text])
  const { error, status, stdout, stderr } = spawnSync('psql', ['-X', '-q', '-A', '-t', '-d', url, ...commands], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PGCONNECT_TIMEOUT: '5', PGOPTIONS: OPTIONS },
  })
  if (error !== undefined || status === null || status > 1) throw new Error(`psql: ${stderr}`, { cause: error })
  return stdout.trim()
}
