import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { sealBody } from '../../src/audit/body.ts'
import { DIGEST_PATH, PLAN_PATH, argumentName, argumentsOf, keeps, pointerTo } from '../../src/audit/commitment.ts'
import { decodeBody } from '../../src/audit/decode-body.ts'
import { MAX_BODY_BYTES } from '../../src/audit/fit-body.ts'
import { genesisHead, seal } from '../../src/audit/seal.ts'
import { checkValues } from '../../src/audit/verify-values.ts'
import { verifyStore } from '../../src/audit/verify.ts'
import { canonicalJson } from '../../src/kernel/canonical-json.ts'
import type { Json, JsonObject } from '../../src/kernel/json.ts'
import type { Signer } from '../../src/kernel/signer.ts'
import { AT, allowed, decision, fixedIds, opened, outcome, storeOf, testEvent, testSigner, trail } from './trail.ts'

const sha = (...parts: readonly (string | Uint8Array)[]): string =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest('hex')

const PLACE = { origin: 'capfence.local/0/main', chain: 'main', seq: 4, at: AT, key: '00000000' }

function bodyOf(draft: Parameters<typeof sealBody>[0]): {
  body: string
  decoded: JsonObject
  sealed: ReturnType<typeof sealBody>
} {
  let drawn = 0
  const sealed = sealBody(draft, PLACE, () => new Uint8Array(16).fill(++drawn))
  return { body: sealed.body, decoded: JSON.parse(sealed.body) as JsonObject, sealed }
}

describe('a body', () => {
  test('is-canonical-and-comes-back-typed-for-each-kind', () => {
    const entry = new Uint8Array(32).fill(5)
    for (const draft of [
      decision({ request: { id: 'r-1', expiresAt: AT + 600_000 }, decision: 'require_approval' }),
      decision({ event: { id: 'x', actor: null, at: AT }, digest: null, policy: null, rule: null }),
      outcome(3, 'event-1', { error: 'TypeError', by: 'report' }),
      opened(),
      { kind: 'head_adopted' as const, writer: 'w', size: 12, entry },
      outcome(3, 'event-1', { by: 'reconcile', reason: 'seen in the mailbox' }),
      {
        kind: 'loss_accepted' as const,
        writer: 'w',
        found: 'cut',
        remembered: { origin: 'o', size: 7, entry },
        reason: 'x'.repeat(70_000),
      },
      { kind: 'loss_accepted' as const, writer: 'w', found: 'torn', remembered: undefined, reason: 'restored' },
    ]) {
      const { body } = bodyOf(draft)
      expect(canonicalJson(JSON.parse(body))).toBe(body)
      expect(decodeBody(body)).toMatchObject({ v: 1, kind: draft.kind, seq: 4, chain: 'main' })
    }
  })

  test('holds-every-context-field-under-its-name-and-no-argument', () => {
    const event = testEvent({
      session: 's',
      tenant: 't',
      userRole: 'u',
      callerDepth: 2,
      actorChain: ['a', 'b'],
      tool: 'run',
      scope: 'tmp',
      args: { command: 'secret-command' },
    })
    const { body, decoded } = bodyOf(decision({ event }))
    expect(decoded['event']).toEqual({
      id: 'event-1',
      at: AT - 5,
      capability: 'filesystem.delete.workspace.tmp',
      actor: 'deployment-agent',
      action: 'delete',
      resource: 'filesystem.workspace',
      scope: 'tmp',
      environment: 'production',
      risk: 'high',
      session: 's',
      tenant: 't',
      user_role: 'u',
      caller_depth: 2,
      actor_chain: ['a', 'b'],
      tool: 'run',
    })
    expect(body).not.toContain('secret-command')
  })

  test('commits-to-arguments-and-digest-as-the-format-says', () => {
    const event = testEvent({ args: { b: [1.5, 'ü'], 'a/~': { x: null } } })
    const { decoded, sealed } = bodyOf(decision({ event }))
    const salt = (byte: number): Uint8Array => new Uint8Array(16).fill(byte)
    expect(decoded['args']).toEqual([
      { path: '/a~1~0', commit: sha('capfence/audit/commit/v1\n', salt(1), '/a~1~0\n{"x":null}') },
      { path: '/b', commit: sha('capfence/audit/commit/v1\n', salt(2), '/b\n[1.5,"ü"]') },
    ])
    const raw = sealed.values.find((value) => value.path === DIGEST_PATH)
    expect(decoded['digest']).toBe(sha('capfence/audit/digest/v1\n', salt(3), Buffer.from(raw?.value ?? '', 'hex')))
    expect(sealed.values.map(({ path, value }) => [path, value])).toEqual([
      ['/a~1~0', '{"x":null}'],
      ['/b', '[1.5,"ü"]'],
      ['#digest', raw?.value],
    ])
  })

  test('commits-to-the-plan-and-tells-what-was-found-without-the-arguments', () => {
    const plan = canonicalJson({ argv: ['rm', '-rf', '/secret'] })
    const { body, decoded, sealed } = bodyOf(decision({ plan, facts: { shell: ['exec', 'fs.delete'] } }))
    const kept = sealed.values.find(({ path }) => path === PLAN_PATH)
    expect(kept?.value).toBe(plan)
    expect(decoded['plan']).toBe(sha('capfence/audit/commit/v1\n', kept?.salt ?? new Uint8Array(), `#plan\n${plan}`))
    expect(decoded['facts']).toEqual({ shell: ['exec', 'fs.delete'] })
    expect(body).not.toContain('secret')
    expect(decodeBody(body)).toMatchObject({ facts: { shell: ['exec', 'fs.delete'] } })
    const bodies = new Map([[sealed.values[0]?.seq ?? 0, decodeBody(body)]])
    expect(checkValues(bodies, sealed.values)).toEqual({ bad: undefined, erased: 0 })
    const edited = sealed.values.map((value) => (value.path === PLAN_PATH ? { ...value, value: '{}' } : value))
    expect(checkValues(bodies, edited).bad?.what).toContain('#plan')
    expect(
      checkValues(
        bodies,
        sealed.values.filter(({ path }) => path !== PLAN_PATH),
      ).erased,
    ).toBe(1)
  })

  test.each(['plain', '', 'a/b', '~', '~1', 'with "quotes" \\', 'nul\0', 'ü', '\n', '__proto__', '😀'])(
    'finds-the-argument-again-by-its-pointer: %j',
    (key) => {
      const path = pointerTo(key)
      expect(path).not.toMatch(/\0|\n/)
      expect(argumentName(path)).toBe(key)
      const [argument] = argumentsOf(JSON.parse(`{${JSON.stringify(key)}:1}`) as JsonObject)
      expect(argument).toEqual({ path, value: '1' })
    },
  )

  test('commits-to-all-arguments-at-once-where-there-are-very-many', () => {
    const args = Object.fromEntries(Array.from({ length: 65 }, (_, at) => [`k${String(at)}`, at]))
    expect(argumentsOf(args)).toEqual([{ path: '', value: canonicalJson(args) }])
    expect(argumentsOf({ ['x'.repeat(5000)]: 1 })).toMatchObject([{ path: '' }])
    expect(argumentName('')).toBeUndefined()
  })

  test('cuts-the-largest-members-first-until-it-fits', () => {
    const rules = ['r'.repeat(30_000)]
    const message = 'ü'.repeat(25_000)
    const { body, decoded } = bodyOf(decision({ rules, message }))
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(MAX_BODY_BYTES)
    expect(decoded['message']).toEqual({ truncated: sha(canonicalJson(message)), bytes: 50_002 })
    expect(decoded['rules']).toEqual(rules)
    expect(decodeBody(body)).toMatchObject({ kind: 'decision' })
  })

  test('fits-whatever-an-event-may-hold', () => {
    const wide = '\u{10FFFF}'.repeat(512)
    const event = testEvent({
      id: wide,
      actor: wide,
      session: wide,
      tenant: wide,
      userRole: wide,
      tool: wide,
      actorChain: Array.from({ length: 64 }, () => wide),
      args: Object.fromEntries(Array.from({ length: 64 }, (_, at) => [`${String(at)}${'\u0001'.repeat(9)}`, at])),
    })
    const long = 'x'.repeat(200_000)
    const draft = { rule: long, rules: [long, long], observed: [long], grants: [long], message: `${long}\ud800` }
    const { body, decoded } = bodyOf(decision({ event, ...draft }))
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(MAX_BODY_BYTES)
    expect(decoded['args']).toHaveLength(64)
    expect(decodeBody(body)).toMatchObject({ event: { actor: wide } })
    expect(bodyOf(decision({ event: { id: long, actor: long, at: 1 }, digest: null })).body.length).toBeLessThan(70_000)
  })

  const swaps: readonly (readonly [string, (body: Record<string, Json>) => Json])[] = [
    ['a fraction', (body) => ({ ...body, at: 1.5 })],
    ['a large number', (body) => ({ ...body, at: 2 ** 53 })],
    ['a negative seq', (body) => ({ ...body, seq: -1 })],
    ['a missing member', ({ rule: _rule, ...body }) => body],
    ['an unknown member', (body) => ({ ...body, zzz: 1 })],
    ['an unknown kind', (body) => ({ ...body, kind: 'toString' })],
    ['another version', (body) => ({ ...body, v: 2 })],
    ['a wrong decision', (body) => ({ ...body, decision: 'maybe' })],
    ['an unknown member of the event', (body) => ({ ...body, event: { ...(body['event'] as JsonObject), extra: 1 } })],
    ['a list in place of an object', (body) => ({ ...body, event: [] })],
    ['a short commitment', (body) => ({ ...body, args: [{ path: '/a', commit: 'ab' }] })],
    [
      'arguments out of order',
      (body) => ({ ...body, args: ['/b', '/a'].map((path) => ({ path, commit: 'a'.repeat(64) })) }),
    ],
    [
      'an argument twice',
      (body) => ({ ...body, args: ['/a', '/a'].map((path) => ({ path, commit: 'a'.repeat(64) })) }),
    ],
    ['a list', () => []],
    ['null', () => null],
  ]
  test.each(swaps)('is-not-read-with %s', (_what, change) => {
    const text = canonicalJson(change({ ...bodyOf(decision()).decoded }))
    expect(() => decodeBody(text)).toThrow(expect.objectContaining({ code: 'AUDIT_CORRUPT' }) as Error)
  })
})

describe('a seal', () => {
  const ids = fixedIds('seal')
  const signer = testSigner()
  const head = genesisHead({ chain: 'main', vkey: signer.vkey, ids })

  test('binds-the-log-and-its-first-key-in-genesis', () => {
    expect(head.origin).toMatch(/^capfence\.local\/[0-9a-f]{32}\/main$/)
    expect(Buffer.from(head.entry).toString('hex')).toBe(
      sha(`capfence/audit/genesis/v1\n${head.origin}\n${signer.vkey}`),
    )
  })

  test.each(['', 'A', 'a b', 'a+b', '../x', 'a'.repeat(65)])('refuses-a-chain-named %j', (chain) => {
    expect(() => genesisHead({ chain, vkey: signer.vkey, ids })).toThrow(
      expect.objectContaining({ code: 'CHAIN_INVALID' }) as Error,
    )
  })

  test('chains-entries-over-the-bodies', async () => {
    const { records } = await seal({ head, drafts: [opened(), decision()], at: AT, signer, ids })
    let previous = Buffer.from(head.entry).toString('hex')
    for (const record of records) {
      previous = sha(`capfence/audit/entry/v1\n${previous}\n${record.body}`)
      expect(Buffer.from(record.entry).toString('hex')).toBe(previous)
    }
  })

  test.each([1, 2, 3, 5, 8, 33, 256])('gives-rows-that-verify-for-a-commit-of-%i', async (size) => {
    const { rows } = await trail([[opened()], Array.from({ length: size }, (_, at) => allowed(`e-${String(at)}`))])
    expect(await verifyStore(storeOf(rows), { trust: [signer.vkey] })).toMatchObject({ exitCode: 3, records: size + 1 })
  })

  test('leaves-an-empty-commit-as-it-is', async () => {
    expect(await seal({ head, drafts: [], at: AT, signer, ids })).toEqual({ head, at: AT, records: [], values: [] })
  })

  test('draws-a-salt-for-every-value', async () => {
    const { values } = await seal({ head, drafts: Array.from({ length: 90 }, () => decision()), at: AT, signer, ids })
    expect(values).toHaveLength(180)
    expect(new Set(values.map(({ salt }) => Buffer.from(salt).toString('hex'))).size).toBe(180)
    expect(values.every(({ salt }) => salt.length === 16)).toBe(true)
    expect(values.every((value) => keeps(value, 'x'))).toBe(false)
  })

  test('shares-no-memory-with-anything-that-can-still-change', async () => {
    let given: Uint8Array | undefined
    const copying: Signer = { ...signer, sign: (message) => (given = signer.sign(message) as Uint8Array) }
    const { records, head: next } = await seal({ head, drafts: [opened()], at: AT, signer: copying, ids })
    const before = structuredClone(records)
    given?.fill(0)
    expect(records).toEqual(before)
    for (const bytes of [next.entry, ...next.frontier, ...records.flatMap(({ entry, sig }) => [entry, sig])]) {
      expect(bytes.buffer.byteLength).toBe(bytes.length)
    }
  })

  const bad: readonly (readonly [string, Signer['sign']])[] = [
    ['gives-too-few-bytes', () => new Uint8Array(63)],
    ['gives-no-bytes', () => 'x'.repeat(64) as unknown as Uint8Array],
    ['gives-nothing', () => undefined as unknown as Uint8Array],
    ['gives-another-signature', () => new Uint8Array(64)],
    ['signs-something-else', () => signer.sign(new Uint8Array(3))],
    [
      'throws',
      () => {
        throw new Error('the HSM is on fire')
      },
    ],
    ['rejects', () => Promise.reject(new Error('timeout'))],
    ['signs-with-another-key', (message) => testSigner(9).sign(message)],
  ]
  test.each(bad)('refuses-a-signer-that-%s', async (_what, sign) => {
    await expect(seal({ head, drafts: [opened()], at: AT, signer: { ...signer, sign }, ids })).rejects.toMatchObject({
      code: 'KEY_INVALID',
    })
  })

  test('refuses-a-foreign-signer-with-another-id-than-its-key', async () => {
    const foreign = { ...signer, keyId: '00000000' }
    await expect(seal({ head, drafts: [opened()], at: AT, signer: foreign, ids })).rejects.toMatchObject({
      code: 'KEY_INVALID',
    })
  })

  test('waits-for-an-asynchronous-signer', async () => {
    const slow: Signer = { ...signer, sign: async (message) => Promise.resolve(signer.sign(message)) }
    const sealed = await seal({ head, drafts: [opened()], at: AT, signer: slow, ids })
    expect(sealed.records[0]?.sig).toHaveLength(72)
  })
})
