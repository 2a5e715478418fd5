import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Site, POLICY, push, site } from './agent.ts'
import type { Ended } from './command.ts'

const GRANT = ['grant', '--actor', 'hotfix-agent', '--capability', 'github.push.main', '--duration', '600']

function json(ended: Ended): Record<string, unknown> {
  expect(ended.stderr).toBe('')
  return JSON.parse(ended.stdout) as Record<string, unknown>
}

async function requestId(call: Promise<{ readonly request?: string | null }>): Promise<string> {
  return (await call).request ?? 'none'
}

function payment(more: object = {}): object {
  return push({ action: 'execute', resource: 'payment.high_value', args: { amount: 5000 }, ...more })
}

describe('grant', () => {
  test('works-with-nothing-set-up-and-says-what-it-made', async () => {
    const { folder, database, as } = site()
    const { code, stdout, stderr } = await as('config')(...GRANT)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const keys = join(folder, 'config/capfence/keys')
    expect(stdout).toMatch(
      /^made an approver's key, for there was none.*\nits public half is pinned in .*trust\.json\n/,
    )
    expect(stdout).toContain(`began the trail ${database}, and made the key that it is signed with: ${keys}/writer.key`)
    for (const said of [
      /granted {2}grt-[0-9a-f]{20}\n/,
      / actor +hotfix-agent\n/,
      / uses +any number\n/,
      /until .*Z \(for 10m\)\n/,
    ])
      expect(stdout).toMatch(said)
    const trust = JSON.parse(readFileSync(join(folder, 'config/capfence/trust.json'), 'utf8')) as { approvers: object }
    const [name = '', ...others] = Object.keys(trust.approvers)
    expect([others.length, existsSync(join(keys, `${name}.key`))]).toEqual([0, true])
    // The second one finds what the first one made.
    expect((await as('config')(...GRANT)).stdout).toMatch(/^granted {2}grt-/)
  })

  test('counts-at-the-next-call-of-an-agent-that-runs-and-revoke-ends-it-at-once', async () => {
    const { agent, run } = site()
    const running = agent()
    expect((await running.call(push())).code).toBe('policy_ask')
    const made = json(await run(...GRANT, '--json'))
    expect(made).toMatchObject({ state: 'applied', note: null, made_key: { name: expect.any(String) as string } })
    expect(await running.call(push())).toMatchObject({ code: 'ran', runs: 1 })
    expect(await running.call(push({ actor: 'another' }))).toMatchObject({ code: 'policy_ask', runs: 1 })
    const revoked = await run('revoke', String(made['id']), '--reason', 'done with it')
    expect({ code: revoked.code, stderr: revoked.stderr }).toEqual({ code: 0, stderr: '' })
    expect(await running.call(push())).toMatchObject({ code: 'policy_ask', runs: 1 })
    expect((await run('grants')).stdout).toBe('no grant counts now\n')
    expect((await run('revoke', String(made['id']))).code).toBe(1)
  })

  test('is-as-narrow-as-it-says-and-listed-so', async () => {
    const { agent, run } = site()
    const running = agent()
    const scope = ['--session', 's, environment "x"', '--environment', 'Production', '--tenant', 't', '--uses', '1']
    const narrow = await run(...GRANT, ...scope, '--args', '{"repo":"a/b","amount":{"lte":500}}', '--by', 'nobody')
    expect(narrow.code).toBe(2)
    expect(narrow.stderr).toMatch(/there is no key file .*--role approver --name nobody/)
    const args = ['--args', '{"repo":"a/b","amount":{"lte":500}}']
    expect((await run(...GRANT, ...scope, ...args, '--json')).code).toBe(0)
    const listed = await run('grants')
    expect(listed.stdout).toContain(
      'session "s, environment \\"x\\"", environment "production", tenant "t", args.repo eq "a/b"',
    )
    expect(json(await run('grants', '--json'))).toMatchObject({ actor: 'hotfix-agent', tenant: 't', uses_left: 1 })
    const fits = { session: 's, environment "x"', tenant: 't', args: { repo: 'a/b', amount: 500 } }
    expect((await running.call(push({ ...fits, args: { repo: 'a/b', amount: 501 } }))).code).toBe('policy_ask')
    expect((await running.call(push({ ...fits, tenant: 'u' }))).code).toBe('policy_ask')
    expect((await running.call(push(fits))).code).toBe('ran')
    expect((await running.call(push(fits))).code).toBe('policy_ask')
  })

  test('warns-of-a-pattern-that-no-rule-asks-about', async () => {
    const { agent, run } = site()
    await agent().call(push())
    const useless = ['grant', '--actor', 'a', '--capability', 'database.drop.all', '--duration', '1h']
    const text = await run(...useless)
    expect(text.code).toBe(0)
    expect(text.stderr).toMatch(/^warning: no `require_approval` rule .*database\.drop\.all/)
    expect(json(await run(...useless, '--json'))['note']).toContain('database.drop.all')
  })

  test('says-what-to-do-where-the-policy-names-its-own-approvers', async () => {
    const other = 'alice+8b8f8f6a+AQ'
    const { folder, agent, run } = site()
    const vkey =
      (await run('keys', 'init', '--role', 'approver', '--name', 'alice')).stdout.trim().split('\n').at(-1) ?? other
    writeFileSync(join(folder, 'policy.yaml'), `${POLICY}approvers: { alice: "${vkey}" }\n`)
    const running = agent()
    await running.call(push())
    const mine = await run(...GRANT)
    expect({ code: mine.code, stderr: mine.stderr }).toEqual({ code: 0, stderr: '' })
    expect((await running.call(push())).code).toBe('ran')
    await run('keys', 'init', '--role', 'approver', '--name', 'bob')
    const bobs = await run(...GRANT, '--by', 'bob')
    expect(bobs.code).toBe(1)
    expect(bobs.stderr).toMatch(/names its own `approvers`, and this key is not among them; add `bob: "bob\+/)
  })

  test.each([
    ['0', '--duration'],
    ['10x', '--duration'],
    ['-5', '--duration'],
    ['1.5h', '--duration'],
    ['', '--duration'],
    ['10 m', '--duration'],
    ['367d', '--duration'],
    ['99999999999', '--duration'],
  ])('refuses-a-duration-like: %s', async (duration, named) => {
    const { folder, run } = site()
    const { code, stderr } = await run('grant', '--actor', 'a', '--capability', 'a.b.c', `--duration=${duration}`)
    expect(code).toBe(2)
    expect(stderr).toContain(named)
    expect(existsSync(join(folder, 'config'))).toBe(false)
  })

  test('what-could-never-be-granted-makes-no-key', async () => {
    const { folder, run } = site()
    const typed = [
      ['grant', '--capability', 'a.b.c', '--duration', '1h'],
      ['grant', '--actor', 'a', '--duration', '1h'],
      ['grant', '--actor', 'a', '--capability', 'a.b.c'],
      ['grant', '--actor', 'a', '--capability', 'a.b', '--duration', '1h'],
      ['grant', '--actor', 'a', '--capability', 'a.b.c', '--duration', '1h', '--uses', '0'],
      ['grant', '--actor', 'a', '--capability', 'a.b.c', '--duration', '1h', '--args', '{"a":{"ltee":1}}'],
      ['suspend'],
      ['suspend', '--all', '--actor', 'a'],
      ['resume'],
    ]
    const ended = await Promise.all(typed.map((args) => run(...args)))
    expect(ended.map(({ code }) => code)).toEqual(typed.map(() => 2))
    expect(ended.every(({ stderr }) => stderr.startsWith('capfence: '))).toBe(true)
    expect(existsSync(join(folder, 'config'))).toBe(false)
  })

  test('for-longer-than-may-be-is-refused', async () => {
    const { run } = site()
    const long = await run('grant', '--actor', 'a', '--capability', 'a.b.c', '--duration', '25h')
    expect(long.code).toBe(1)
    expect(long.stderr).toContain('at most 1440 minutes')
  })
})

describe('approve and reject', () => {
  test('approved-once-it-runs-once', async () => {
    const { agent, run } = site()
    const running = agent()
    const id = await requestId(running.call(push({ args: { repo: 'x' } })))
    expect((await run('pending')).stdout).toMatch(
      new RegExp(`\n${id} .* 0 of 1 +hotfix-agent +github\\.push\\.main +push\n`),
    )
    expect(json(await run('pending', '--json'))).toMatchObject({ id, rules: ['push'], signatures: [], quorum: 1 })
    const signed = await run('approve', id, '--yes')
    expect({ code: signed.code, stderr: signed.stderr }).toEqual({ code: 0, stderr: '' })
    expect(signed.stdout).toContain('This is what will run: github.push.main with\n{\n  "repo": "x"\n}\n')
    expect(signed.stdout).toMatch(/signed {2}apr-[0-9a-f]{20}\n.*\n {2}signatures +1 of 1\n/)
    expect((await running.call(push({ args: { repo: 'y' } }))).code).toBe('policy_ask')
    expect(await running.call(push({ args: { repo: 'x' } }))).toMatchObject({ code: 'ran', runs: 1 })
    expect(await running.call(push({ args: { repo: 'x' } }))).toMatchObject({ code: 'policy_ask', runs: 1 })
    const again = await run('approve', id, '--yes')
    expect(again.code).toBe(1)
  })

  test('a-rejected-action-is-refused-and-the-agent-is-told', async () => {
    const { agent, run } = site()
    const running = agent()
    const id = await requestId(running.call(push()))
    expect(json(await run('reject', id, '--json', '--reason', 'no'))).toMatchObject({ state: 'applied' })
    expect((await running.call(push())).code).toBe('approval_rejected')
    expect((await run('pending')).stdout).toBe('no request waits\n')
    const late = await run('approve', id, '--yes')
    expect({ code: late.code, stdout: late.stdout }).toEqual({ code: 1, stdout: '' })
    expect(late.stderr).toContain('was rejected')
    expect((await run('reject', id)).code).toBe(1)
    expect((await run('approve', 'req-00000000000000000000', '--yes')).code).toBe(1)
  })

  test('a-quorum-of-two-needs-two-keys', async () => {
    const { agent, run } = site()
    for (const name of ['alice', 'bob']) await run('keys', 'init', '--role', 'approver', '--name', name)
    const running = agent()
    const id = await requestId(running.call(payment()))
    const unnamed = await run('approve', id, '--yes')
    expect(unnamed.code).toBe(2)
    expect(unnamed.stderr).toContain('(`alice`, `bob`); say whose with `--by NAME`')
    expect((await run('approve', id, '--yes', '--by', 'alice')).stdout).toMatch(/signatures +1 of 2\n/)
    expect((await running.call(payment())).code).toBe('policy_ask')
    expect((await run('approve', id, '--yes', '--by', 'alice')).code).toBe(1)
    const second = json(await run('approve', id, '--yes', '--by', 'bob', '--json'))
    expect(second).toMatchObject({ state: 'applied', request: { id, signatures: ['alice'], args: { amount: 5000 } } })
    expect((await running.call(payment())).code).toBe('ran')
  })

  test('without-a-terminal-it-needs-yes', async () => {
    const { agent, run } = site()
    const id = await requestId(agent().call(push()))
    for (const more of [[], ['--json']]) {
      const { code, stdout, stderr } = await run('approve', id, ...more)
      expect(code).toBe(2)
      expect(stdout + stderr).toContain('add `--yes`')
    }
    expect((await run('pending', '--json')).stdout).toContain('"signatures":[]')
  })

  test('arguments-that-were-edited-in-the-database-are-not-approved', async () => {
    const { agent, run, sql } = site()
    const id = await requestId(agent().call(push({ args: { repo: 'evil/repo' } })))
    sql(`update value set value = '"good/repo"' where path = '/repo'`)
    const { code, stdout, stderr } = await run('approve', id, '--yes')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('cannot be shown, so it cannot be approved')
    expect((await run('reject', id)).code).toBe(0)
  })
})

describe('suspend and resume', () => {
  test('stop-everyone-at-the-next-call-and-let-them-go-on', async () => {
    const { agent, run } = site()
    const running = agent()
    const read = (): object => push({ action: 'read', resource: 'filesystem.workspace' })
    expect((await running.call(read())).code).toBe('ran')
    expect((await run('suspend', '--all', '--reason', 'incident')).stdout).toMatch(
      /^(?:.*\n)*suspended {2}sus-.*\n {2}actor +all actors\n/,
    )
    expect((await running.call(read())).code).toBe('suspended')
    expect((await run('resume', '--actor', 'hotfix-agent')).code).toBe(1)
    expect(json(await run('resume', '--all', '--json'))).toMatchObject({
      state: 'applied',
      statement: { kind: 'resume' },
    })
    expect((await running.call(read())).code).toBe('ran')
    expect(json(await run('suspend', '--actor', 'hotfix-agent', '--json'))).toMatchObject({ state: 'applied' })
    expect((await running.call(read())).code).toBe('suspended')
    expect((await running.call({ ...read(), actor: 'other' })).code).toBe('ran')
  })
})

test('a-process-of-an-agent-approves-nothing-and-makes-no-key', async () => {
  const { folder, agent, as, run } = site()
  const running = agent()
  const id = await requestId(running.call(push()))
  const asAgent = as('agent', { CAPFENCE_AGENT: '1' })
  const commands = [
    GRANT,
    ['revoke', 'grt-00000000000000000000'],
    ['approve', id, '--yes'],
    ['reject', id],
    ['suspend', '--all'],
    ['resume', '--all'],
  ]
  const ended = await Promise.all(commands.map((args) => asAgent(...args)))
  expect(ended.map(({ code }) => code)).toEqual(commands.map(() => 1))
  for (const { stderr } of ended) expect(stderr).toContain('CAPFENCE_AGENT')
  expect(json(await asAgent(...GRANT, '--json'))).toMatchObject({ error: { code: 'APPROVAL_REFUSED' } })
  expect(existsSync(join(folder, 'agent'))).toBe(false)
  expect((await run('pending', '--json')).stdout).toContain(id)
  expect((await running.call(push())).code).toBe('policy_ask')
})

describe('a user who cannot write the trail', () => {
  async function withAlice(): Promise<{ readonly place: Site; readonly alice: Site['run'] }> {
    const place = site()
    const alice = place.as('alice')
    const vkey = (await alice('keys', 'init', '--role', 'approver', '--name', 'alice')).stdout.trim().split('\n').at(-1)
    writeFileSync(join(place.folder, 'policy.yaml'), `${POLICY}approvers: { alice: "${String(vkey)}" }\n`)
    return { place, alice }
  }

  test('leaves-it-in-the-inbox-and-the-next-call-applies-it', async () => {
    const { place, alice } = await withAlice()
    const running = place.agent()
    const id = await requestId(running.call(push()))
    const granted = await alice(...GRANT)
    expect({ code: granted.code, stderr: granted.stderr }).toEqual({ code: 0, stderr: '' })
    expect(granted.stdout).toContain('left in the inbox')
    expect(existsSync(join(place.folder, 'alice/capfence/keys/writer.key'))).toBe(false)
    expect(await running.call(push())).toMatchObject({ code: 'ran', runs: 1 })
    expect(json(await alice('approve', id, '--yes', '--json'))).toMatchObject({ state: 'waiting' })
    const logged = await place.run('logs', '--json', '--kind', 'statement')
    expect(logged.stdout).toMatch(
      /^\{.*"kind":"statement".*"assurance":"separate"|"assurance":"separate".*"kind":"statement"/,
    )
  })

  test('is-told-where-the-key-will-not-count', async () => {
    const { place } = await withAlice()
    const running = place.agent()
    await running.call(push())
    const stranger = await place.as('stranger')(...GRANT)
    expect(stranger.code).toBe(0)
    expect(stranger.stdout).toContain('left in the inbox')
    expect(stranger.stderr).toMatch(/^warning: .*this key is not among them/)
    expect((await running.call(push())).code).toBe('policy_ask')
  })

  test('has-handed-it-in-also-where-the-policy-is-not-kept', async () => {
    const { place, alice } = await withAlice()
    const running = place.agent()
    await running.call(push())
    place.sql(`delete from state where key like 'policy/%'`)
    const granted = await alice(...GRANT)
    expect({ code: granted.code, said: granted.stdout.includes('left in the inbox') }).toEqual({ code: 0, said: true })
    expect(granted.stderr).toMatch(/^warning: the policy .* is not kept/)
    expect((await running.call(push())).code).toBe('ran')
  })
})

test('the-log-says-who-said-what-of-whom', async () => {
  const { agent, run } = site()
  const id = await requestId(agent().call(push()))
  await run(...GRANT, '--reason', 'hotfix 12')
  await run('reject', id)
  await run('suspend', '--all')
  const { code, stdout } = await run('logs', '--kind', 'statement')
  const lines = stdout.trimEnd().split('\n')
  expect({ code, lines: lines.length }).toEqual({ code: 0, lines: 3 })
  expect(lines[0]).toMatch(/ grant +\S+ +hotfix-agent: github\.push\.main +grt-[0-9a-f]{20}: hotfix 12$/)
  expect(lines[1]).toMatch(new RegExp(` reject +\\S+ +${id} +rej-`))
  expect(lines[2]).toMatch(/ suspend +\S+ +all actors +sus-/)
})

test('looking-at-what-is-not-there-makes-nothing', async () => {
  const { folder, database, run } = site()
  const ended = await Promise.all(
    [['pending'], ['grants'], ['approve', 'x', '--yes'], ['resume', '--all']].map((args) => run(...args)),
  )
  expect(ended.map(({ code }) => code)).toEqual([2, 2, 2, 2])
  expect([existsSync(database), existsSync(join(folder, 'config'))]).toEqual([false, false])
})
