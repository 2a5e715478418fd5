import { describe, expect, test } from 'vitest'
import { push, site } from './agent.ts'

const GRANT = ['grant', '--actor', 'hotfix-agent', '--capability', 'github.push.main', '--duration', '600', '--json']

describe('rebuild', () => {
  test('brings-back-what-is-gone-and-says-so', async () => {
    const { agent, run, sql } = site()
    const running = agent()
    await running.call(push())
    await run(...GRANT)
    expect(await run('rebuild')).toMatchObject({ code: 0, stderr: '' })
    sql(`DELETE FROM state WHERE key LIKE 'grants/%'`)
    const verified = await run('verify')
    expect(verified.stdout).toContain('`capfence rebuild` restores it')
    const { code, stdout } = await run('rebuild', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ grants: 1, requests: 1, suspensions: 0, changed: 1, lost: 0 })
    expect(await running.call(push())).toMatchObject({ code: 'ran' })
    expect((await run('rebuild')).stdout).toContain('all stood as the trail tells it')
    expect(await run('verify')).toMatchObject({ code: 0 })
  })

  test('undoes-what-a-database-writer-undid', async () => {
    const { agent, run, sql } = site()
    const running = agent()
    await running.call(push())
    await run(...GRANT, '--uses', '1')
    await running.call(push())
    sql(`UPDATE state SET value = replace(value, '"used":1', '"used":0') WHERE key LIKE 'grants/%'`)
    const verified = await run('verify')
    expect(verified.code).toBe(1)
    expect(verified.stdout).toContain('that use is gone from the state')
    expect((await run('rebuild')).stdout).toContain('1 entry made anew')
    expect((await run('verify')).code).toBe(0)
    expect(await running.call(push({ args: { repo: 'c/d' } }))).toMatchObject({ code: 'policy_ask' })
  })

  test('refuses-a-trail-that-was-tampered-with', async () => {
    const { agent, run, sql } = site()
    await agent().call(push())
    sql(`UPDATE record SET body = replace(body, 'github', 'gitlab') WHERE seq = 1`)
    const { code, stderr } = await run('rebuild')
    expect(code).toBe(1)
    expect(stderr).toContain('the trail cannot be believed')
    expect(JSON.parse((await run('rebuild', '--json')).stdout)).toMatchObject({ error: { code: 'AUDIT_CORRUPT' } })
  })

  test('makes-no-database', async () => {
    const { run } = site()
    expect(await run('rebuild')).toMatchObject({ code: 2 })
  })
})
