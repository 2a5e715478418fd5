import { type KeyObject, createHash, createPublicKey, verify } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ActionEvent } from '../../src/action/action-event.ts'
import type { StoredRecord, StoredValue } from '../../src/audit/chain-store.ts'
import { formatHead, headRecord } from '../../src/audit/head-file.ts'
import { formatKey } from '../../src/audit/key-file.ts'
import type { RecordDraft } from '../../src/audit/record-draft.ts'
import { genesisHead, seal } from '../../src/audit/seal.ts'
import { verifyStore } from '../../src/audit/verify.ts'
import { AT, decision, opened, outcome, storeOf, testSigner } from './trail.ts'

const DOC = new URL('../../../../docs/reference/audit-format.md', import.meta.url)
const VECTORS = new URL('../../../../docs/reference/vectors/audit-format.json', import.meta.url)
const HINT = 'the bytes of version 1 are frozen; if only the examples changed, run this once with UPDATE_VECTORS=1'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const SEED = new Uint8Array(32).fill(7)
const BASE = `capfence.local/${hex(Uint8Array.from({ length: 16 }, (_, at) => at))}`

// Salts that can be written down: 01 01 01…, 02 02 02…
function countedIds(): { bytes(size: number): Uint8Array } {
  let drawn = 0
  return { bytes: (size) => Uint8Array.from({ length: size }, (_, at) => (at % 16 === 0 ? ++drawn : drawn)) }
}

const EVENT = ActionEvent.create({
  id: 'call-1',
  actor: 'billing-agent',
  action: 'execute',
  resource: 'payment.high_value',
  environment: 'production',
  risk: 'high',
  session: 's-1',
  callerDepth: 1,
  actorChain: ['host', 'planner'],
  tool: 'transfer',
  at: AT - 5,
  args: { amount: 500.25, 'to/"us"': { name: 'Zoë', since: new Date('2026-01-02T03:04:05.678Z') } },
})

const COMMITS: readonly (readonly RecordDraft[])[] = [
  [{ ...opened(testSigner()), engine: 'sqlite' }],
  [
    decision({
      event: EVENT,
      decision: 'allow',
      code: 'policy_allow',
      rule: 'allow[0]',
      rules: ['allow[0]'],
      message: 'allowed by `allow[0]`',
      outcome: 'open',
    }),
    decision({
      event: { id: 'call-2', actor: null, at: AT - 1 },
      code: 'invalid_event',
      rule: null,
      rules: [],
      message: '`event.risk` is not one of low, medium, high, critical',
      policy: null,
    }),
    outcome(1, 'call-1', { outcome: 'failed', error: 'TypeError', durationMs: 42 }),
  ],
]

interface Vectors {
  readonly key: { readonly seed: string; readonly vkey: string; readonly file: string }
  readonly origin: string
  readonly genesis: string
  readonly records: readonly {
    readonly seq: number
    readonly body: string
    readonly entry: string
    readonly sig: string
  }[]
  readonly values: readonly {
    readonly seq: number
    readonly path: string
    readonly salt: string
    readonly value: string
  }[]
  readonly head: {
    readonly size: number
    readonly entry: string
    readonly frontier: readonly string[]
    readonly root: string
  }
  readonly head_file: { readonly name: string; readonly text: string }
}

async function makeVectors(): Promise<Vectors> {
  const signer = testSigner(7, 'writer')
  const ids = countedIds()
  let head = genesisHead({ chain: 'main', vkey: signer.vkey, ids, base: BASE })
  const genesis = hex(head.entry)
  const records: StoredRecord[] = []
  const values: StoredValue[] = []
  for (const drafts of COMMITS) {
    const sealed = await seal({ head, drafts, at: AT, signer, ids: values.length === 0 ? ids : countedIds() })
    head = sealed.head
    records.push(...sealed.records)
    values.push(...sealed.values)
  }
  const last = records.at(-1)
  if (last === undefined) throw new Error('no record')
  const remembered = headRecord(head, last, AT + 1)
  return {
    key: { seed: hex(SEED), vkey: signer.vkey, file: formatKey('writer', SEED) },
    origin: head.origin,
    genesis,
    records: records.map(({ seq, body, entry, sig }) => ({ seq, body, entry: hex(entry), sig: hex(sig) })),
    values: values.map(({ seq, path, salt, value }) => ({ seq, path, salt: hex(salt), value })),
    head: { size: head.size, entry: hex(head.entry), frontier: head.frontier.map(hex), root: hex(remembered.root) },
    head_file: { name: `${createHash('sha256').update(head.origin).digest('hex')}.json`, text: formatHead(remembered) },
  }
}

// The vectors as a person reads them.
function section({ key, origin, genesis, records, values, head, head_file }: Vectors): string {
  const block = (...lines: readonly string[]): string => ['```', ...lines, '```'].join('\n')
  return [
    block(
      `seed     ${key.seed}`,
      `vkey     ${key.vkey}`,
      `key file ${key.file.trimEnd()}`,
      `origin   ${origin}`,
      `genesis  ${genesis}`,
    ),
    ...records.flatMap(({ seq, body, entry, sig }) => [
      `Record ${String(seq)}:`,
      block(body),
      block(`entry ${entry}`, `sig   ${sig}`),
    ]),
    'Values:',
    block(...values.map(({ seq, path, salt, value }) => `${String(seq)}  ${path}  ${salt}  ${value}`)),
    'The head row, and the root of the log:',
    block(
      `size     ${String(head.size)}`,
      `entry    ${head.entry}`,
      ...head.frontier.map((root) => `frontier ${root}`),
      `root     ${head.root}`,
    ),
    `The head file \`${head_file.name}\`:`,
    block(head_file.text.trimEnd()),
  ].join('\n\n')
}

const MARKED = /(?<=<!-- vectors:begin -->\n)[^]*(?=<!-- vectors:end -->)/

describe('the format of the trail', () => {
  test('is-the-one-that-the-vectors-and-the-document-show', async () => {
    const vectors = await makeVectors()
    const text = readFileSync(DOC, 'utf8')
    const json = `${JSON.stringify(vectors, null, 2)}\n`
    const doc = text.replace(MARKED, () => `\n${section(vectors)}\n\n`)
    if (process.env['UPDATE_VECTORS'] === '1') {
      writeFileSync(DOC, doc)
      writeFileSync(VECTORS, json)
    }
    expect(readFileSync(VECTORS, 'utf8'), HINT).toBe(json)
    expect(readFileSync(DOC, 'utf8'), HINT).toBe(doc)
  })

  test('verifies-as-a-trail', async () => {
    const { key, origin, records, values, head } = JSON.parse(readFileSync(VECTORS, 'utf8')) as Vectors
    const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))
    const rows = {
      heads: [
        {
          chain: 'main',
          origin,
          vkey: key.vkey,
          size: head.size,
          entry: bytes(head.entry),
          frontier: head.frontier.map(bytes),
        },
      ],
      records: { main: records.map((row) => ({ ...row, entry: bytes(row.entry), sig: bytes(row.sig) })) },
      values: { main: values.map((value) => ({ ...value, salt: bytes(value.salt) })) },
    }
    expect(await verifyStore(storeOf(rows), { trust: [key.vkey] })).toMatchObject({ exitCode: 3, records: 4 })
  })

  test('can-be-verified-by-someone-who-only-read-the-document', () => {
    const { key, origin, genesis, records, values, head } = JSON.parse(readFileSync(VECTORS, 'utf8')) as Vectors
    const { keyId, publicKey } = strangersKey(key.vkey)
    expect(sha(`capfence/audit/genesis/v1\n${origin}\n${key.vkey}`).toString('hex')).toBe(genesis)
    let previous = genesis
    const leaves: Buffer[] = []
    for (const { body, entry, sig } of records) {
      expect(sha(`capfence/audit/entry/v1\n${previous}\n${body}`).toString('hex')).toBe(entry)
      previous = entry
      const signature = Buffer.from(sig, 'hex')
      const { root, rootSignature } = strangersRoot(Buffer.from(entry, 'hex'), signature)
      const message = Buffer.concat([Buffer.from('capfence/audit/sig/v1\n'), signature.subarray(4, 8), root])
      expect(verify(null, message, publicKey, rootSignature)).toBe(true)
      leaves.push(sha(Uint8Array.of(0), Buffer.from(entry, 'hex'), signature))
      expect(JSON.parse(body)).toMatchObject({ key: keyId, origin, v: 1 })
    }
    // Four records: one full tree.
    const [a, b, c, d] = leaves as [Buffer, Buffer, Buffer, Buffer]
    const node = (left: Buffer, right: Buffer): Buffer => sha(Uint8Array.of(1), left, right)
    expect(node(node(a, b), node(c, d)).toString('hex')).toBe(head.root)
    expect(head.frontier).toEqual([head.root])
    for (const value of values)
      expect(strangersCommitment(value)).toBe(commitmentIn(records[value.seq]?.body ?? '', value.path))
    expect(values.map(({ path }) => path)).toEqual(['/amount', '/to~1\\"us\\"', '#digest'])
  })

  test('names-every-member-that-a-body-can-have', () => {
    const text = readFileSync(DOC, 'utf8')
    const { records } = JSON.parse(readFileSync(VECTORS, 'utf8')) as Vectors
    const names = new Set(records.flatMap(({ body }) => memberNames(JSON.parse(body))))
    for (const name of names) expect(text, name).toMatch(new RegExp(`[\`"]${name}[\`"]`))
  })
})

// A stranger's verifier, written from the document alone, on nothing of ours.
const sha = (...parts: readonly (string | Uint8Array)[]): Buffer =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()

function strangersKey(vkey: string): { keyId: string; publicKey: KeyObject } {
  const [name = '', keyId = '', ...rest] = vkey.split('+')
  const raw = Buffer.from(rest.join('+'), 'base64')
  expect(sha(`${name}\n`, raw).subarray(0, 4).toString('hex')).toBe(keyId)
  const x = raw.subarray(1).toString('base64url')
  return { keyId, publicKey: createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }) }
}

function strangersRoot(entry: Buffer, signature: Buffer): { root: Buffer; rootSignature: Buffer } {
  let root = sha(Uint8Array.of(0), entry)
  let at = 8
  for (let index = signature.readUInt32BE(0), end = signature.readUInt32BE(4) - 1; end > 0; index >>= 1, end >>= 1) {
    if (index === end && index % 2 === 0) continue
    const sibling = signature.subarray(at, (at += 32))
    root = index % 2 === 1 ? sha(Uint8Array.of(1), sibling, root) : sha(Uint8Array.of(1), root, sibling)
  }
  expect(signature.length).toBe(at + 64)
  return { root, rootSignature: signature.subarray(at) }
}

function strangersCommitment({ path, salt, value }: Vectors['values'][number]): string {
  const salted = Buffer.from(salt, 'hex')
  const hash =
    path === '#digest'
      ? sha('capfence/audit/digest/v1\n', salted, Buffer.from(value, 'hex'))
      : sha('capfence/audit/commit/v1\n', salted, `${path}\n${value}`)
  return hash.toString('hex')
}

function commitmentIn(text: string, path: string): string | undefined {
  const body = JSON.parse(text) as { digest: string; args: { path: string; commit: string }[] }
  return path === '#digest' ? body.digest : body.args.find((argument) => argument.path === path)?.commit
}

function memberNames(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  return [...(Array.isArray(value) ? [] : Object.keys(value)), ...Object.values(value).flatMap(memberNames)]
}
