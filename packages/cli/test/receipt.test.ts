import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { type Ended, capfence, home, temporaryFolder } from './command.ts'
import { makeTrail } from './trail.ts'

const OPS = fileURLToPath(new URL('../../../policies/ops.yaml', import.meta.url))
const CONTEXT = { actor: 'agent', environment: 'production', risk: 'low' }
const EVENTS = [
  { ...CONTEXT, id: 'read-1', action: 'read', resource: 'filesystem.workspace', args: { path: 'a' } },
  { ...CONTEXT, id: 'wipe-1', action: 'delete', resource: 'filesystem.workspace', args: { command: 'rm -rf /' } },
  { ...CONTEXT, id: 'odd-1', action: 'read', resource: 'filesystem.workspace', args: { 'a\u202eb': 1 } },
]

interface Setup {
  readonly folder: string
  readonly database: string
  readonly vkey: string
  readonly run: (...args: readonly string[]) => Promise<Ended>
  /** As somebody else, on a machine that has nothing of this trail. */
  readonly stranger: (...args: readonly string[]) => Promise<Ended>
  readonly sql: (statement: string) => void
}

async function setup(): Promise<Setup> {
  const folder = temporaryFolder()
  const env = home(folder)
  const { database } = await makeTrail({ folder, policy: OPS, env }, EVENTS)
  const run = (...args: readonly string[]): Promise<Ended> => capfence(args, { cwd: folder, env })
  const elsewhere = temporaryFolder()
  return {
    folder,
    database,
    vkey: (await run('keys', 'show', '--vkey')).stdout.trim(),
    run,
    stranger: (...args) => capfence(args, { cwd: elsewhere, env: home(elsewhere) }),
    sql: (statement) => {
      const connection = new DatabaseSync(database)
      connection.exec(statement)
      connection.close()
    },
  }
}

describe('receipt and verify-receipt', () => {
  test('a-stranger-with-the-file-and-the-key-believes-it-and-without-the-key-does-not', async () => {
    const { folder, database, vkey, run, stranger } = await setup()
    const file = join(folder, 'wipe.tlog-proof')
    const made = await run('receipt', '--db', database, '--event', 'wipe-1', '--out', file)
    expect(made).toMatchObject({ code: 0, stderr: '' })
    expect(made.stdout).toMatch(/^record 2 of capfence\.local\/[0-9a-f]{32}\/main, proven among 4: /)
    expect(readFileSync(file, 'utf8')).toMatch(/^c2sp\.org\/tlog-proof@v1\nextra \S+\nindex 2\n/)

    const good = await stranger('verify-receipt', file, '--trust', vkey)
    expect(good).toMatchObject({ code: 0, stderr: '' })
    expect(good.stdout).toContain('authentic: ')
    expect(good.stdout).toContain('deny agent filesystem.delete.workspace wipe-1')
    const unpinned = await stranger('verify-receipt', file)
    expect(unpinned).toMatchObject({ code: 3, stderr: '' })
    expect(unpinned.stdout).toContain('not proven: whose it is')
    const own = await run('verify-receipt', file)
    expect(own).toMatchObject({ code: 0, stderr: '' })

    writeFileSync(file, readFileSync(file, 'utf8').replace('index 2', 'index 1'))
    const bad = await stranger('verify-receipt', file, '--trust', vkey)
    expect(bad).toMatchObject({ code: 1, stderr: '' })
    expect(bad.stdout).toContain('NOT A GOOD RECEIPT')
  })

  test('in-JSON-it-holds-the-record-and-says-as-much-in-JSON', async () => {
    const { folder, database, vkey, run, stranger } = await setup()
    const { code, stdout } = await run('receipt', '--db', database, '--seq', '3', '--json')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^[ -~]+\n$/)
    const receipt = JSON.parse(stdout) as { body: string; prev: string; sig: string; checkpoint: string }
    expect(JSON.parse(receipt.body)).toMatchObject({ seq: 3, event: { id: 'odd-1' }, args: [{ path: '/a\u202eb' }] })
    const file = join(folder, 'odd.json')
    writeFileSync(file, stdout)
    const checked = await stranger('verify-receipt', file, '--trust', vkey, '--json')
    expect(checked.code).toBe(0)
    expect(JSON.parse(checked.stdout)).toMatchObject({
      status: 'authentic',
      exit_code: 0,
      fault: null,
      record: { seq: 3 },
      checkpoint: { size: 4 },
    })
    // What an agent wrote reorders no line.
    expect(checked.stdout).toMatch(/^[ -~]+\n$/)
  })

  test('of-the-very-first-record-is-good-as-well', async () => {
    const { database, vkey, run } = await setup()
    const { stdout } = await run('receipt', '--db', database, '--seq', '0')
    const checked = await capfence(['verify-receipt', '-', '--trust', vkey], { input: stdout })
    expect(checked).toMatchObject({ code: 0, stderr: '' })
  })

  test('wrong-usage-is-2-and-says-why', async () => {
    const { database, vkey, run } = await setup()
    const cases: readonly (readonly [args: readonly string[], said: string])[] = [
      [['receipt', '--db', database], '--seq'],
      [['receipt', '--db', database, '--seq', 'x'], 'whole number'],
      [['receipt', '--db', database, '--seq', '1', '--event', 'read-1'], 'cannot be used with'],
      [['receipt', '--db', database, '--seq', '4'], 'no record 4'],
      [['receipt', '--db', database, '--seq', '1', '--chain', 'other'], 'no trail'],
      [['receipt', '--db', database, '--event', 'nobody'], 'no decision'],
      [['receipt', '--db', `${database}.gone`, '--seq', '1'], 'no database'],
      [['verify-receipt'], 'file'],
      [['verify-receipt', `${database}.gone`, '--trust', vkey], 'no such file'],
      [['verify-receipt', database, '--trust', 'nothing'], 'nothing'],
    ]
    for (const [args, said] of cases) {
      const { code, stderr } = await run(...args)
      expect({ args, code }).toEqual({ args, code: 2 })
      expect(stderr).toContain(said)
    }
    expect(await run('verify-receipt', database, '--trust', vkey)).toMatchObject({ code: 1 })
  })

  test.each([
    ['a record that was changed', `update record set body = replace(body, 'wipe-1', 'wipe-9') where seq = 2`],
    ['a hash that was changed', `update record set entry = zeroblob(32) where seq = 3`],
    ['a record that is gone', `delete from record where seq = 2`],
    [
      'a checkpoint that was changed',
      `update state set value = replace(value, 'capfence.local', 'capfence.1ocal') where key = 'checkpoint/main'`,
    ],
  ])('none-is-made-of-%s', async (_what, statement) => {
    const { database, run, sql } = await setup()
    sql(statement)
    for (const json of [[], ['--json']]) {
      const { code, stdout } = await run('receipt', '--db', database, '--seq', '2', ...json)
      expect(code).toBe(1)
      expect(stdout).not.toContain('tlog-proof')
      if (json.length > 0) expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'AUDIT_CORRUPT' } })
    }
  })

  test('a-record-that-no-checkpoint-covers-yet-has-none', async () => {
    const { database, run, sql } = await setup()
    sql(`delete from state where key like 'checkpoint/%'`)
    const { code, stderr } = await run('receipt', '--db', database, '--seq', '2')
    expect(code).toBe(2)
    expect(stderr).toContain('no checkpoint covers record 2')
  })
})
