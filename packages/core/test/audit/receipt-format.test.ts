import { type KeyObject, createHash, createPublicKey, verify } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { ChainStore, StoredRecord } from '../../src/audit/chain-store.ts'
import { signCheckpoint } from '../../src/audit/checkpoint-note.ts'
import { checkpointKey, formatStoredCheckpoint } from '../../src/audit/checkpoint-state.ts'
import { makeReceipt } from '../../src/audit/make-receipt.ts'
import { proveConsistency, proveInclusion } from '../../src/audit/proof-stream.ts'
import { formatJsonReceipt, formatReceipt } from '../../src/audit/receipt-format.ts'
import { checkReceipt } from '../../src/receipt.ts'
import { testSigner } from './trail.ts'

const DOC = new URL('../../../../docs/reference/audit-format.md', import.meta.url)
const TRAIL = new URL('../../../../docs/reference/vectors/audit-format.json', import.meta.url)
const VECTORS = new URL('../../../../docs/reference/vectors/receipts.json', import.meta.url)
const HINT = 'the bytes of version 1 are frozen; if only the examples changed, run this once with UPDATE_VECTORS=1'

interface TrailVectors {
  readonly key: { readonly vkey: string }
  readonly origin: string
  readonly genesis: string
  readonly records: readonly {
    readonly seq: number
    readonly body: string
    readonly entry: string
    readonly sig: string
  }[]
  readonly head: {
    readonly size: number
    readonly entry: string
    readonly frontier: readonly string[]
    readonly root: string
  }
}

interface ReceiptVectors {
  readonly checkpoint: { readonly note: string; readonly state_key: string; readonly state_value: string }
  readonly inclusion: readonly { readonly index: number; readonly size: number; readonly path: readonly string[] }[]
  readonly consistency: readonly {
    readonly old_size: number
    readonly old_root: string
    readonly size: number
    readonly path: readonly string[]
  }[]
  readonly receipt: { readonly text: string; readonly json: string }
}

const trail = JSON.parse(readFileSync(TRAIL, 'utf8')) as TrailVectors
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))
const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex')

async function makeVectors(): Promise<ReceiptVectors> {
  const { origin, head, key } = trail
  const rows: readonly StoredRecord[] = trail.records.map(({ entry, sig, ...row }) => {
    return { ...row, entry: bytes(entry), sig: bytes(sig) }
  })
  const frontier = head.frontier.map(bytes)
  const note = await signCheckpoint(testSigner(), { origin, size: head.size, root: bytes(head.root) })
  const value = formatStoredCheckpoint({ note, frontier })
  const store: ChainStore = {
    chains: async () => [
      { chain: 'main', origin, vkey: key.vkey, size: head.size, entry: bytes(head.entry), frontier },
    ],
    records: async ({ from, limit }) => rows.slice(from, from + limit),
    values: async () => [],
  }
  const read = async (): Promise<{ state: ReadonlyMap<string, { value: string }> }> => {
    return { state: new Map([[checkpointKey('main'), { value }]]) }
  }
  const { receipt } = await makeReceipt({ ...store, read }, { chain: 'main', seq: 1 })
  const inclusion = await Promise.all(
    rows.map(async ({ seq }) => {
      const { path } = await proveInclusion(store, { chain: 'main', index: seq, size: head.size })
      return { index: seq, size: head.size, path: path.map(hex) }
    }),
  )
  const consistency = await Promise.all(
    [1, 2, 3].map(async (oldSize) => {
      const { path, old } = await proveConsistency(store, { chain: 'main', oldSize, size: head.size })
      return { old_size: oldSize, old_root: hex(old.root), size: head.size, path: path.map(hex) }
    }),
  )
  return {
    checkpoint: { note, state_key: checkpointKey('main'), state_value: value },
    inclusion,
    consistency,
    receipt: { text: formatReceipt(receipt), json: formatJsonReceipt(receipt) },
  }
}

function section({ checkpoint, inclusion, consistency, receipt }: ReceiptVectors): string {
  const block = (text: string): string => `\`\`\`\n${text.trimEnd()}\n\`\`\``
  const paths = inclusion.map(({ index, size, path }) => `${String(index)} in ${String(size)}  ${path.join(' ')}`)
  const growths = consistency.map(({ old_size: old, old_root: root, size, path }) => {
    return `${String(old)} in ${String(size)}  root ${root}\n${path.map((hash) => `        ${hash}`).join('\n')}`
  })
  return [
    'The checkpoint:',
    block(checkpoint.note),
    `Its state value, under \`${checkpoint.state_key}\`:`,
    block(checkpoint.state_value),
    'Inclusion of each record:',
    block(paths.join('\n')),
    'Consistency with each smaller tree, and its root:',
    block(growths.join('\n')),
    'The receipt of record 1:',
    block(receipt.text),
    'The same in JSON:',
    block(receipt.json),
  ].join('\n\n')
}

const MARKED = /(?<=<!-- receipt-vectors:begin -->\n)[^]*(?=<!-- receipt-vectors:end -->)/

describe('checkpoints, proofs and receipts', () => {
  test('are-those-that-the-vectors-and-the-document-show', async () => {
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

  test('of-the-vectors-are-believed', async () => {
    const { receipt } = JSON.parse(readFileSync(VECTORS, 'utf8')) as ReceiptVectors
    for (const form of [receipt.text, receipt.json]) {
      expect(await checkReceipt(form, { trust: [trail.key.vkey] })).toMatchObject({ status: 'authentic' })
    }
  })

  test('can-be-checked-by-someone-who-only-read-the-document', () => {
    const { receipt } = JSON.parse(readFileSync(VECTORS, 'utf8')) as ReceiptVectors
    const [head, rest] = cut(receipt.text, '\n\n')
    const [format, extra = '', index = '', ...path] = head.split('\n')
    expect(format).toBe('c2sp.org/tlog-proof@v1')
    const shown = JSON.parse(Buffer.from(extra.slice('extra '.length), 'base64').toString()) as {
      readonly body: string
      readonly prev: string
      readonly sig: string
    }
    const entry = sha(`capfence/audit/entry/v1\n${shown.prev}\n${shown.body}`)
    const leaf = sha(Uint8Array.of(0), entry, Buffer.from(shown.sig, 'base64'))
    const [text, signature] = cut(rest, '\n\n')
    const [origin, size, root] = text.split('\n')
    const place = { index: Number(index.slice('index '.length)), size: Number(size) }
    const reached = strangersRoot(
      leaf,
      place,
      path.map((hash) => Buffer.from(hash, 'base64')),
    )
    expect(reached.toString('base64')).toBe(root)
    expect(origin).toBe(trail.origin)
    expect(JSON.parse(shown.body)).toMatchObject({ seq: place.index, origin })
    const [dash, name, blob = ''] = signature.trimEnd().split(' ')
    const signed = Buffer.from(blob, 'base64')
    expect([dash, `${name ?? ''}+${signed.toString('hex', 0, 4)}`]).toEqual([
      '—',
      trail.key.vkey.split('+', 2).join('+'),
    ])
    expect(verify(null, Buffer.from(`${text}\n`), strangersKey(trail.key.vkey), signed.subarray(4))).toBe(true)
  })
})

function cut(text: string, mark: string): readonly [string, string] {
  const at = text.indexOf(mark)
  return [text.slice(0, at), text.slice(at + mark.length)]
}

function sha(...parts: readonly (string | Uint8Array)[]): Buffer {
  return parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()
}

function strangersRoot(
  leaf: Buffer,
  { index, size }: { index: number; size: number },
  path: readonly Buffer[],
): Buffer {
  let [node, last, root] = [index, size - 1, leaf]
  for (const sibling of path) {
    const isRight = node % 2 === 1 || node === last
    root = isRight ? sha(Uint8Array.of(1), sibling, root) : sha(Uint8Array.of(1), root, sibling)
    while (isRight && node % 2 === 0 && node > 0) [node, last] = [node >> 1, last >> 1]
    ;[node, last] = [node >> 1, last >> 1]
  }
  expect(last).toBe(0)
  return root
}

function strangersKey(vkey: string): KeyObject {
  const raw = Buffer.from(vkey.split('+').slice(2).join('+'), 'base64')
  const x = raw.subarray(1).toString('base64url')
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
}
