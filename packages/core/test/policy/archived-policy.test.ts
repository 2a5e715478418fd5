import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { capabilityPattern, covers } from '../../src/action/pattern.ts'
import { canonicalJson } from '../../src/kernel/canonical-json.ts'
import { archivedPolicy } from '../../src/policy/archived-policy.ts'
import { loaded } from '../support/policy-findings.ts'
import { VKEY_A } from '../support/vkeys.ts'
import { capabilities, patterns } from './random-policy.ts'

const TEXT = `version: 1
mode: observe
tools: { t: { capability: a.b.c, amount: total } }
approvers: { alice: "${VKEY_A}" }
approvals: { max_grant: 2h }
deny:
  - { id: plain, capability: x, limit: { count: true, max: 3, per: 1h, by: all } }
  - { id: doubt, capability: x, unknown: ask, actor: a, approval: { quorum: 2, approvers: [al*] } }
require_approval:
  - { id: pay, capability: "pay.*.high", approval: { expires_in: 5m }, limit: { sum: amount, max: 10.50, per: 24h, by: actor } }
  - { id: seen, capability: seen, mode: observe }
allow: [a.b.c, { id: few, capability: a.b.d, args: { x: 1 }, limit: { sum: y, max: 7, per: 1d, by: [actor, tool] } }]`

const canonical = async (): Promise<string> => (await loaded(TEXT)).canonical

describe('an archived policy', () => {
  test('tells-what-approvals-are-held-against', async () => {
    const policy = archivedPolicy(await canonical())
    expect(policy).toMatchObject({ mode: 'observe', maxGrantMs: 7_200_000, approvers: new Map([['alice', VKEY_A]]) })
    expect(policy?.termsOf('pay')).toEqual({ expiresInMs: 300_000, quorum: 1, approvers: [] })
    expect(policy?.termsOf('doubt')).toEqual({ expiresInMs: 600_000, quorum: 2, approvers: ['al*'] })
    for (const id of ['plain', 'seen', 'few', 'allow[0]', 'none', 'toString', '__proto__']) {
      expect(policy?.termsOf(id)).toBeUndefined()
    }
  })

  test('tells-the-limits-of-its-rules', async () => {
    const policy = archivedPolicy(await canonical())
    expect(policy?.limitOf('plain')).toEqual({ effect: 'deny', perMs: 3_600_000, max: '3' })
    expect(policy?.limitOf('pay')).toEqual({ effect: 'require_approval', perMs: 86_400_000, max: '10.50' })
    expect(policy?.limitOf('few')).toEqual({ effect: 'allow', perMs: 86_400_000, max: '7' })
    for (const id of ['doubt', 'allow[0]', 'none']) expect(policy?.limitOf(id)).toBeUndefined()
  })

  test('that-has-no-approvers-of-its-own-leaves-them-to-the-machine', async () => {
    const policy = archivedPolicy((await loaded('version: 1\nallow: [a.b.c]')).canonical)
    expect(policy).toMatchObject({ mode: 'enforce', approvers: undefined, maxGrantMs: 86_400_000 })
  })

  test.each([
    ['pay.run.high', true],
    ['pay.*.*', true],
    ['*.*.*', true],
    ['pay.run.high.deeper', true],
    ['pay.r*.h*', true],
    ['pay.run.low', false],
    ['p.run.high', false],
    ['x.y.z', false],
    ['seen.y.z', false],
    ['a.b.c', false],
  ])('could-satisfy-a-question-only-where-patterns-meet: %s', async (pattern, expected) => {
    expect(archivedPolicy(await canonical())?.couldSatisfy(capabilityPattern(pattern, 'narrow'))).toBe(expected)
  })

  test('could-satisfy-wherever-one-capability-is-covered-by-both', async () => {
    const base = archivedPolicy(await canonical())
    expect(base).toBeDefined()
    const text = await canonical()
    fc.assert(
      fc.property(patterns('narrow'), patterns('wide'), capabilities, (lets, asks, capability) => {
        const [narrow, wide] = [capabilityPattern(lets, 'narrow'), capabilityPattern(asks, 'wide')]
        const policy = archivedPolicy(text.replace('pay.*.high', wide))
        if (covers(narrow, capability, 'narrow') && covers(wide, capability, 'wide')) {
          expect(policy?.couldSatisfy(narrow)).toBe(true)
        }
      }),
      { numRuns: 1000 },
    )
  })

  type Change = [what: string, from: string, to: string]
  test.each<Change>([
    ['another version', '"v":1', '"v":2'],
    ['a blank', '"v":1', '"v": 1'],
    ['a key twice', '"v":1', '"v":1,"v":1'],
    ['a key more', '"v":1', '"v":1,"w":1'],
    ['a mode that is none', '"mode":"observe","rules"', '"mode":"off","rules"'],
    ['no bound of grants', '"max_grant_ms":7200000,', ''],
    ['a bound of grants that is none', '"max_grant_ms":7200000', '"max_grant_ms":-1'],
    ['a bound of grants beyond a month', '"max_grant_ms":7200000', '"max_grant_ms":2592000001'],
    ['a damaged key', VKEY_A, VKEY_A.replace(/\+[0-9a-f]{8}\+/, '+00000000+')],
    ['approvers that are none', `{"alice":"${VKEY_A}"}`, '[]'],
    ['an id twice', '"id":"doubt"', '"id":"plain"'],
    ['no id', '"id":"plain"', '"id":7'],
    ['an effect that is none', '"effect":"require_approval","id":"pay"', '"effect":"ask","id":"pay"'],
    ['no pattern', '"capability":["pay.*.high"]', '"capability":["pay.*.h!gh"]'],
    ['a pattern that is not whole', '"capability":["pay.*.high"]', '"capability":["pay"]'],
    ['no patterns', '"capability":["pay.*.high"]', '"capability":[]'],
    ['a quorum of none', '"quorum":2', '"quorum":0'],
    ['half a quorum', '"quorum":2', '"quorum":1.5'],
    ['an expiry that is none', '"expires_in_ms":300000', '"expires_in_ms":"5m"'],
    ['approvers of a rule that are none', '["al*"]', '[1]'],
    ['a limit without its max', ',"max":"10.50"', ''],
    ['a limit below zero', '"max":"10.50"', '"max":"-1"'],
    ['a limit that is null', '"limit":{"by":[],"max":"3","per_ms":3600000,"sum":null}', '"limit":null'],
    ['a rule that is none', '"rules":[', '"rules":[null,'],
    ['a key of a rule more', '"id":"plain"', '"id":"plain","ideas":1'],
  ])('is-refused-where-it-is-not-as-it-was-archived: %s', async (...[, from, to]) => {
    const text = await canonical()
    expect(archivedPolicy(text)).toBeDefined()
    expect(text).toContain(from)
    expect(archivedPolicy(text.replace(from, to))).toBeUndefined()
  })

  test.each(['', 'null', '[]', '{}', '"x"', '{', '\ufeff{}', canonicalJson({ v: 1 }), '['.repeat(100_000)])(
    'is-refused-where-it-is-none: %#',
    (text) => {
      expect(archivedPolicy(text)).toBeUndefined()
    },
  )
})
