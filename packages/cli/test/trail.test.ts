import { spawn } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { type Ended, capfence, home, nodeArguments, temporaryFolder } from './command.ts'
import { makeTrail } from './trail.ts'

const OPS = fileURLToPath(new URL('../../../policies/ops.yaml', import.meta.url))
const CONTEXT = { actor: 'agent', environment: 'production', risk: 'low' }
const EVENTS = [
  {
    ...CONTEXT,
    action: 'read',
    resource: 'filesystem.workspace',
    args: { path: 'a', at: new Date(0), raw: Uint8Array.of(1) },
  },
  { ...CONTEXT, action: 'delete', resource: 'filesystem.workspace', args: { command: 'rm -rf /' } },
  { ...CONTEXT, actor: 'payer', action: 'execute', resource: 'payment.high_value', args: { amount: 5000 } },
  { ...CONTEXT, actor: 'a\u202eb', action: 'no good', resource: 'x' },
  { ...CONTEXT, action: 'execute', resource: 'payment.high_value', args: { amount: 5, ['__proto__']: 1 } },
]

interface Setup {
  readonly folder: string
  readonly env: Record<string, string>
  readonly database: string
  readonly run: (...args: readonly string[]) => Promise<Ended>
  readonly sql: (statement: string) => void
}

async function setup(events: readonly unknown[] = EVENTS): Promise<Setup> {
  const folder = temporaryFolder()
  const env = home(folder)
  const { database } = await makeTrail({ folder, policy: OPS, env }, events)
  return {
    folder,
    env,
    database,
    run: (...args) => capfence(args, { cwd: folder, env }),
    sql: (statement) => {
      const connection = new DatabaseSync(database)
      connection.exec(statement)
      connection.close()
    },
  }
}

function files(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true }).map(String).toSorted()
}

describe('verify', () => {
  test('a-good-trail-is-authentic-and-nothing-is-changed', async () => {
    const { folder, database, run } = await setup()
    const before = files(folder)
    const bytes = readFileSync(database)
    const text = await run('verify', '--audit-log', 'trail.db')
    expect({ code: text.code, stderr: text.stderr }).toEqual({ code: 0, stderr: '' })
    expect(text.stdout).toMatch(/^authentic and complete: trail\.db, 6 good records\n/)
    for (const word of ['proven:', 'not proven:', 'trust.json', 'head: 6 records']) expect(text.stdout).toContain(word)
    const json = await run('verify', '--json', '--db', 'trail.db')
    expect(JSON.parse(json.stdout)).toMatchObject({ status: 'authentic', exit_code: 0, records: 6, first_bad: null })
    expect(files(folder)).toEqual(before)
    expect(readFileSync(database).equals(bytes)).toBe(true)
  })

  test('an-edited-record-is-named', async () => {
    const { run, sql } = await setup()
    sql(`update record set body = replace(body, 'rm -rf', 'rm -r ') where seq = 2`)
    sql(`update record set body = replace(body, 'deny', 'allow') where seq = 2`)
    const text = await run('verify', '--audit-log', 'trail.db')
    expect(text.code).toBe(1)
    expect(text.stdout).toMatch(/^TAMPERED: .*\n {2}first bad record: record 2 of `main` .+\n/)
    const json = await run('verify', '--audit-log', 'trail.db', '--json')
    expect(JSON.parse(json.stdout)).toMatchObject({
      status: 'tampered',
      exit_code: 1,
      first_bad: { chain: 'main', seq: 2 },
    })
  })

  test.each([
    ['a-blanked-hash', `update record set entry = x'' where seq = 1`, 1],
    ['a-stripped-signature', `update record set sig = x'' where seq = 1`, 1],
    ['a-body-that-is-no-json', `update record set body = 'x' where seq = 1`, 1],
    ['a-changed-argument', `update value set value = '"b"' where seq = 1 and path = '/path'`, 1],
    ['a-deleted-record-in-the-middle', `delete from record where seq = 2`, 1],
    ['a-deleted-last-record', `delete from record where seq = 5`, 4],
    ['a-trail-whose-records-are-gone', `delete from record`, 4],
    ['an-emptied-database', `delete from record; delete from chain; delete from value`, 4],
  ])('finds-%s', async (_, statement, code) => {
    const { run, sql } = await setup()
    sql(statement)
    expect((await run('verify', '--audit-log', 'trail.db')).code).toBe(code)
  })

  test('finds-a-database-that-was-emptied-whole-or-replaced-by-an-older-copy', async () => {
    const { folder, env, database, run, sql } = await setup()
    const copy = join(folder, 'copy.db')
    copyFileSync(database, copy)
    await makeTrail({ folder, policy: OPS, env }, EVENTS)
    copyFileSync(copy, database)
    const older = await run('verify', '--audit-log', 'trail.db')
    expect({ code: older.code, text: older.stdout }).toMatchObject({ code: 4 })
    expect(older.stdout).toMatch(/^TRUNCATED, ROLLED BACK OR FORKED/)
    sql('drop view trail; drop table record; drop table value; drop table state; drop table chain; drop table meta')
    sql('drop table capfence_migration; drop table capfence_migration_lock; vacuum')
    expect((await run('verify', '--audit-log', 'trail.db')).code).toBe(4)
    truncateSync(database)
    const zero = await run('verify', '--audit-log', 'trail.db')
    expect(zero.code).toBe(4)
    expect(zero.stdout).toContain('all of it was deleted')
  })

  test('without-pinned-keys-or-a-head-it-is-integrity-only', async () => {
    const { folder, run } = await setup()
    const vkey = (await run('keys', 'show', '--vkey')).stdout.trim()
    const heads = join(folder, 'state/capfence/heads')
    const [head = ''] = readdirSync(heads)
    writeFileSync(join(heads, head), '{}')
    const damaged = await run('verify', '--audit-log', 'trail.db')
    expect(damaged.code).toBe(3)
    expect(damaged.stdout).toContain('head: not counted')
    rmSync(heads, { recursive: true })
    const headless = await run('verify', '--audit-log', 'trail.db', '--trust', vkey)
    expect(headless.code).toBe(3)
    expect(headless.stdout).toContain('head: none at')
    expect(existsSync(heads)).toBe(false)
  })

  test('trust-is-a-key-a-file-of-keys-or-a-trust-file', async () => {
    const { folder, run } = await setup()
    const vkey = (await run('keys', 'show', '--vkey')).stdout.trim()
    const other = (await run('keys', 'init', '--name', 'other')).stdout.trim().split('\n').at(-1) ?? ''
    const codes: Record<string, number | null> = {}
    writeFileSync(join(folder, 'keys'), `# ours\n${other}\n\n${vkey}\n`)
    writeFileSync(join(folder, 'other'), other)
    writeFileSync(join(folder, 'empty'), '\n')
    writeFileSync(join(folder, 'garbage'), Uint8Array.of(0, 255, 10, 7))
    mkdirSync(join(folder, 'folder'))
    const trusts = [
      vkey,
      'keys',
      'config/capfence/trust.json',
      other,
      'other',
      'empty',
      'garbage',
      'folder',
      'none',
      `${vkey}A`,
    ]
    const ended = await Promise.all(trusts.map((trust) => run('verify', '--audit-log', 'trail.db', '--trust', trust)))
    for (const [index, trust] of trusts.entries()) codes[trust] = ended[index]?.code ?? null
    expect(codes).toEqual({
      [vkey]: 0,
      keys: 0,
      'config/capfence/trust.json': 0,
      [other]: 1,
      other: 1,
      empty: 2,
      garbage: 2,
      folder: 2,
      none: 2,
      [`${vkey}A`]: 2,
    })
  })

  test('what-is-no-trail-is-exit-2-with-one-line', async () => {
    const { folder, run } = await setup([])
    writeFileSync(join(folder, 'text.db'), 'x'.repeat(9000))
    const foreign = new DatabaseSync(join(folder, 'foreign.db'))
    foreign.exec('create table t (a)')
    foreign.close()
    const before = files(folder)
    for (const path of ['none.db', '.', 'text.db', 'foreign.db']) {
      const [text, json] = await Promise.all([run('verify', '--audit-log', path), run('logs', '--db', path, '--json')])
      expect({ path, code: text.code, stdout: text.stdout }).toEqual({ path, code: 2, stdout: '' })
      expect(text.stderr).toMatch(/^capfence: .+\n$/)
      expect(json.code).toBe(2)
      expect(JSON.parse(json.stdout)).toHaveProperty('error.code')
    }
    expect(files(folder)).toEqual(before)
  })
})

describe('logs', () => {
  test('lists-the-newest-last-with-nothing-hidden', async () => {
    const { run } = await setup()
    const { code, stdout, stderr } = await run('logs', '--db', 'trail.db')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const lines = stdout.trimEnd().split('\n')
    expect(lines.map((line) => line.slice(0, 6).trim())).toEqual(['0', '1', '2', '3', '4', '5'])
    expect(lines[2]).toMatch(/ deny +agent +filesystem\.delete\.workspace +deny\[0\] +/)
    expect(lines[4]).toContain('a\\u{202e}b')
    for (const hidden of ['\u001b', '\u202e']) expect(stdout).not.toContain(hidden)
  })

  test('takes-only-what-is-asked-for', async () => {
    const { run } = await setup()
    const seqs = async (...args: readonly string[]): Promise<string> =>
      (await run('logs', '--json', '--db', 'trail.db', ...args)).stdout
        .split('\n')
        .slice(0, -1)
        .map((line) => (JSON.parse(line) as { seq: number }).seq)
        .join(' ')
    const wanted: readonly (readonly [args: readonly string[], seqs: string])[] = [
      [['--decision', 'deny'], '2 4'],
      [['--kind', 'opened'], '0'],
      [['--kind', 'statement'], ''],
      [['--actor', 'payer'], '3'],
      [['--actor', 'a\u202eb'], '4'],
      [['--limit', '2'], '4 5'],
      [['--limit', '99'], '0 1 2 3 4 5'],
      [['--decision', 'allow', '--limit', '1'], '5'],
      [['--since', '1d'], '0 1 2 3 4 5'],
      [['--since', '2999-01-01'], ''],
    ]
    const found = await Promise.all(wanted.map(([args]) => seqs(...args)))
    expect(found).toEqual(wanted.map(([, list]) => list))
  })

  test('is-a-trace-that-simulate-judges-as-it-was-judged', async () => {
    const { folder, env, run, sql } = await setup()
    const trace = (await run('logs', '--json', '--db', 'trail.db')).stdout
    const simulate = (policy: string): Promise<Ended> =>
      capfence(['simulate', '--policy', policy, '--trace-file', '-', '--json'], { cwd: folder, env, input: trace })
    const same = await simulate(OPS)
    expect({ code: same.code, stderr: same.stderr }).toEqual({ code: 0, stderr: '' })
    const brief = (ended: Ended): readonly unknown[] =>
      ended.stdout
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as { line: number; decision: string; code: string })
        .map(({ line, decision, code }) => `${String(line)} ${decision} ${code}`)
    expect(brief(same)).toEqual([
      '2 allow policy_allow',
      '3 deny policy_deny',
      '4 require_approval policy_ask',
      '5 deny invalid_event',
      '6 allow policy_allow',
    ])
    writeFileSync(join(folder, 'none.yaml'), 'version: 1\n')
    const drifted = await simulate('none.yaml')
    expect(drifted.code).toBe(1)
    expect(drifted.stderr).toContain('-:2: deny, but recorded: allow\n')

    sql('delete from value where seq = 2')
    sql(`update value set value = '6' where seq = 5 and path = '/amount'`)
    const erased = await run('logs', '--json', '--db', 'trail.db')
    const input = erased.stdout
    const args = ['simulate', '--policy', OPS, '--trace-file', '-', '--json']
    const replayed = await capfence(args, { cwd: folder, env, input })
    expect(replayed.code).toBe(0)
    expect(brief(replayed)[1]).toBe('3 null args_not_kept')
    expect(brief(replayed)[4]).toBe('6 null args_not_kept')
  })

  test('says-which-record-cannot-be-read-and-goes-on', async () => {
    const { run, sql } = await setup()
    sql(`update record set body = 'x' where seq = 1`)
    sql(`update chain set size = 1`)
    for (const more of [[], ['--limit', '10']]) {
      const { code, stdout, stderr } = await run('logs', '--db', 'trail.db', ...more)
      expect({ code, lines: stdout.split('\n').length }).toEqual({ code: 1, lines: 7 })
      expect(stderr).toMatch(/^record 1 of `main` cannot be read .*capfence verify/)
    }
  })

  test('finds-the-database-by-the-environment-and-at-the-project', async () => {
    const { folder, env, database } = await setup()
    const named = await capfence(['logs', '--json'], { env: { ...env, CAPFENCE_DB: database } })
    expect(named.stdout.split('\n')).toHaveLength(7)
    const project = join(folder, 'project')
    mkdirSync(join(project, '.capfence'), { recursive: true })
    mkdirSync(join(project, '.git'))
    mkdirSync(join(project, 'deep/er'), { recursive: true })
    copyFileSync(database, join(project, '.capfence/capfence.db'))
    expect((await capfence(['logs', '--json'], { env, cwd: join(project, 'deep/er') })).stdout).toBe(named.stdout)
    rmSync(join(project, '.capfence'), { recursive: true })
    const missing = await capfence(['verify'], { env, cwd: project })
    expect({ code: missing.code, made: existsSync(join(project, '.capfence')) }).toEqual({ code: 2, made: false })
  })

  test('a-reader-that-has-seen-enough-may-leave', async () => {
    const { folder, env } = await setup(Array.from({ length: 300 }, () => EVENTS[0]))
    const child = spawn(process.execPath, nodeArguments(['logs', '--json', '--db', 'trail.db']), { cwd: folder, env })
    let stderr = ''
    child.stderr.on('data', (text: Buffer) => {
      stderr += text.toString()
    })
    child.stdout.once('data', () => child.stdout.destroy())
    const code = await new Promise((resolve) => {
      child.on('close', resolve)
    })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })
})

test('what-was-planted-in-the-database-is-tampering', async () => {
  const planted = [
    'create trigger t after insert on state begin select 1; end',
    "delete from chain where name = 'main'",
  ]
  for (const statement of planted) {
    const { run, sql } = await setup()
    sql(statement)
    const { code, stdout } = await run('verify', '--audit-log', 'trail.db')
    expect([code, stdout]).toEqual([1, expect.stringMatching(/^TAMPERED/)])
  }
})
