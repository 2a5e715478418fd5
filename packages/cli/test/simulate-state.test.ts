import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { POLICY as ASKING, push, site } from './agent.ts'
import { type Ended, capfence, temporaryFolder } from './command.ts'

const POLICY = `version: 1
allow:
  - { id: few, capability: mail.send.*, limit: { count: true, max: 2, per: 1h, by: actor } }
  - web.read.page
  - repo.push.main
  - payment.execute.a
require_approval:
  - { id: tainted, capability: repo.push.main, after: { capability: web.read.page, within: 10m, by: session } }
  - { id: big, capability: payment.execute.a, amount_gt: 50 }
deny:
  - { id: spent, capability: payment.execute.a, limit: { sum: amount, max: 100, per: 1h, by: actor } }
`
const HOUR = 3_600_000

async function simulate(trace: readonly object[], policy = POLICY): Promise<Ended> {
  const cwd = temporaryFolder()
  writeFileSync(join(cwd, 'p.yaml'), policy)
  writeFileSync(join(cwd, 't.jsonl'), trace.map((line) => `${JSON.stringify(line)}\n`).join(''))
  return capfence(['simulate', '--policy', 'p.yaml', '--trace-file', 't.jsonl', '--json'], { cwd })
}

function codes({ stdout }: Ended): readonly string[] {
  const lines = stdout.split('\n').slice(0, -1)
  return lines.map((line) => (JSON.parse(line) as { code: string }).code)
}

const mail = (more: object = {}): object => ({ action: 'send', resource: 'mail', scope: 'out', ...more })
const read = (more: object = {}): object => ({ action: 'read', resource: 'web.page', session: 's', ...more })
const pushed = (more: object = {}): object => ({ action: 'push', resource: 'repo.main', session: 's', ...more })
const pay = (amount: number, more: object = {}): object => {
  return { action: 'execute', resource: 'payment.a', args: { amount }, ...more }
}

describe('simulate', () => {
  test('counts-a-limit-by-the-times-of-the-trace', async () => {
    const trace = [
      mail({ at: 10 * HOUR }),
      mail(),
      mail(),
      mail({ actor: 'another' }),
      // A line without a time has that of the line before, so this is an hour later as well.
      mail({ at: '1970-01-01T12:00:00Z' }),
      mail(),
      mail(),
    ]
    const ended = await simulate(trace)
    expect(codes(ended)).toEqual([
      'policy_allow',
      'policy_allow',
      'limit_exhausted',
      'policy_allow',
      'policy_allow',
      'policy_allow',
      'limit_exhausted',
    ])
    expect((await simulate(trace)).stdout).toBe(ended.stdout)
  })

  test('remembers-what-was-allowed-before', async () => {
    const trace = [
      pushed(),
      read({ at: HOUR }),
      pushed(),
      pushed({ session: 't' }),
      pushed({ at: HOUR + 599_000 }),
      pushed({ at: HOUR + 600_001 }),
    ]
    expect(codes(await simulate(trace))).toEqual([
      'policy_allow',
      'policy_allow',
      'policy_ask',
      'policy_allow',
      'policy_ask',
      'policy_allow',
    ])
  })

  test('charges-a-question-only-where-it-is-recorded-that-it-was-allowed', async () => {
    const asked = [pay(90), pay(40), pay(40), pay(40)]
    expect(codes(await simulate(asked))).toEqual(['policy_ask', 'policy_allow', 'policy_allow', 'policy_deny'])
    const approved = await simulate([pay(90, { recorded: 'allow' }), pay(40)])
    expect(codes(approved)).toEqual(['policy_ask', 'policy_deny'])
    expect(approved.code).toBe(1) // and that is drift
  })

  test('judges-the-records-of-a-trail-by-their-own-times-and-without-drift', async () => {
    const policy = `${ASKING}  - { id: few, capability: mail.send.*, limit: { count: true, max: 2, per: 1h, by: actor } }\n`
    const { folder, env, agent, run } = site(policy)
    const running = agent()
    // What the host says of the time is no matter.
    const send = (at: number): object => push({ action: 'send', resource: 'mail.out', args: {}, at })
    const told = [await running.call(send(0)), await running.call(send(9 * HOUR)), await running.call(send(99 * HOUR))]
    expect(told.map(({ code }) => code)).toEqual(['ran', 'ran', 'limit_exhausted'])
    const input = (await run('logs', '--json')).stdout
    const args = ['simulate', '--policy', 'policy.yaml', '--trace-file', '-', '--json']
    const replayed = await capfence(args, { cwd: folder, env, input })
    expect({ code: replayed.code, stderr: replayed.stderr }).toEqual({ code: 0, stderr: '' })
    expect(codes(replayed)).toEqual(['policy_allow', 'policy_allow', 'limit_exhausted'])
  })
})
