import { readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { signCheckpoint } from '../../src/audit/checkpoint-note.ts'
import { type Checkpoint, parseCheckpoint } from '../../src/audit/checkpoint.ts'
import { entryHash } from '../../src/audit/entry.ts'
import { leafHash, nodeHash } from '../../src/audit/merkle.ts'
import { formatJsonReceipt, formatReceipt, parseReceipt } from '../../src/audit/receipt-format.ts'
import { logLeaf } from '../../src/audit/seal.ts'
import { parseNote } from '../../src/audit/signed-note.ts'
import { checkReceipt } from '../../src/receipt.ts'
import { importsOf } from '../architecture/imports.ts'
import { type MadeReceipt, madeReceipts, nodeAccepts } from './receipt.ts'
import { testSigner } from './trail.ts'

const RECEIPTS = await madeReceipts()
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const status = async (receipt: string | Uint8Array, trust: readonly string[]): Promise<string> =>
  (await checkReceipt(receipt, { trust })).status

function made(index: number): MadeReceipt {
  const found = RECEIPTS[index]
  if (found === undefined) throw new Error('no such receipt')
  return found
}

describe('a receipt', () => {
  test.each(RECEIPTS.map((receipt, seq) => ({ seq, ...receipt })))(
    'of-each-record-is-authentic-in-both-forms: $seq',
    async ({ seq, receipt, text, json, vkey }) => {
      for (const form of [text, json, bytesOf(text), bytesOf(json)]) {
        const report = await checkReceipt(form, { trust: [vkey] })
        expect(report).toMatchObject({ status: 'authentic', record: { seq, chain: 'main', body: receipt.body } })
        expect(report.checkpoint).toMatchObject({ size: 8, origin: report.record?.origin })
        expect(nodeAccepts(form, [vkey])).toBe(true)
      }
    },
  )

  test('is-a-C2SP-tlog-proof-with-one-line-for-each-thing', () => {
    const { text, receipt } = made(5)
    const lines = text.split('\n')
    expect(lines[0]).toBe('c2sp.org/tlog-proof@v1')
    expect(lines[1]).toMatch(/^extra [A-Za-z0-9+/]+=*$/)
    expect(lines[2]).toBe('index 5')
    expect(lines.slice(3, 6)).toEqual(receipt.path.map((hash) => Buffer.from(hash).toString('base64')))
    expect(lines.slice(6).join('\n')).toBe(`\n${receipt.checkpoint}`)
    const extra = JSON.parse(Buffer.from(lines[1]?.slice(6) ?? '', 'base64').toString()) as object
    expect(Object.keys(extra)).toEqual(['body', 'prev', 'sig', 'v'])
  })

  test('in-JSON-is-plain-ASCII-whatever-an-agent-wrote-into-its-record', () => {
    const receipt = { ...made(1).receipt, body: '{"text":"a\u202eb\u200b \u00e9 \u{1f600} \u007f"}' }
    const json = formatJsonReceipt(receipt)
    expect(json).toMatch(/^[ -~]+\n$/)
    expect(parseReceipt(json)?.body).toBe(receipt.body)
    expect(parseReceipt(json.replace('\\u202e', '\\u202E'))).toBeUndefined()
  })

  test('without-a-pinned-key-is-consistent-and-no-more', async () => {
    const { text } = made(2)
    expect(await status(text, [])).toBe('integrity_only')
    expect(await status(text.replace('index 2', 'index 3'), [])).toBe('tampered')
  })

  test('of-another-key-is-no-receipt', async () => {
    const { text, json } = made(2)
    for (const vkey of [testSigner(8).vkey, testSigner(7, 'other').vkey]) {
      for (const form of [text, json]) {
        expect(await status(form, [vkey])).toBe('tampered')
        expect(nodeAccepts(form, [vkey])).toBe(false)
      }
    }
    expect(await status(text, [testSigner(8).vkey, testSigner(7).vkey])).toBe('authentic')
  })

  test.each([
    ['nothing', ''],
    ['a weak key', 'writer+8741e103+AQEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
    ['another hash', testSigner().vkey.replace(/\+[0-9a-f]{8}\+/, '+00000000+')],
    ['a path', 'writer.vkey'],
  ])('is-not-checked-by-what-is-no-key: %s', async (_what, vkey) => {
    await expect(checkReceipt(made(2).text, { trust: [vkey] })).rejects.toMatchObject({ code: 'KEY_INVALID' })
  })

  test.each([
    ['an empty file', ''],
    ['no extra', made(2).text.replace(/extra .*\n/, '')],
    ['a line too many', `${made(2).text}\n`],
    ['no end', made(2).text.slice(0, -1)],
    ['a byte order mark', `\ufeff${made(2).text}`],
    ['other ends of lines', made(2).text.replaceAll('\n', '\r\n')],
    ['a leading zero', made(2).text.replace('index 2', 'index 02')],
    ['an unknown member', made(2).json.replace('{', '{"a":1,')],
    ['a member twice', made(2).json.replace('"index":2', '"index":2,"index":2')],
    ['a list', '[]\n'],
    ['null', 'null\n'],
    ['a deep nest', `${'{"a":'.repeat(9000)}1${'}'.repeat(9000)}\n`],
    ['a megabyte', `{${' '.repeat(1_100_000)}`],
    ['the other form in an extra', made(2).text.replace(/extra .*/, `extra ${btoa(made(2).json)}`)],
    [
      'the path of another record',
      made(2).text.replace(/index 2\n\S+\n/, `index 2\n${made(2).text.split('\n')[4] ?? ''}\n`),
    ],
    ['the place of another record', made(2).text.replace('index 2', 'index 3')],
  ])('is-refused-with %s', async (_what, text) => {
    expect(await status(text, [testSigner().vkey])).toBe('tampered')
    expect(nodeAccepts(text, [testSigner().vkey])).toBe(false)
  })
})

describe('what somebody with a little could do', () => {
  const { receipt, vkey } = made(2)
  const note = parseNote(receipt.checkpoint)
  const checkpoint = parseCheckpoint(note?.text ?? '')
  if (checkpoint === undefined) throw new Error('no checkpoint')
  // A key that signs checkpoints, over whatever tree it is led to believe in, as the writer's own does.
  const signed = (change: Partial<Checkpoint>): Promise<string> =>
    signCheckpoint(testSigner(), { ...checkpoint, ...change })

  test('the-checkpoint-of-another-log-does-not-serve', async () => {
    const other = await signed({ origin: checkpoint.origin.replace('main', 'side') })
    expect(await status(formatReceipt({ ...receipt, checkpoint: other }), [vkey])).toBe('tampered')
  })

  test('a-record-that-nobody-signed-is-refused-also-under-a-root-that-was-signed', async () => {
    const body = receipt.body.replace('"decision":"allow"', '"decision":"deny"')
    expect(body).not.toBe(receipt.body)
    const entry = entryHash(receipt.previous, body)
    const foreign = formatReceipt({
      ...receipt,
      body,
      path: [leafHash(Uint8Array.of(1))],
      index: 2,
      checkpoint: await signed({ size: 3, root: nodeHash(leafHash(Uint8Array.of(1)), logLeaf(entry, receipt.sig)) }),
    })
    const report = await checkReceipt(foreign, { trust: [vkey] })
    expect(report).toEqual({ status: 'tampered', fault: "its record's signature does not verify" })
    expect(nodeAccepts(foreign, [vkey])).toBe(false)
  })

  test('an-inner-node-does-not-pass-for-a-record', async () => {
    const [nearest, ...rest] = receipt.path
    if (nearest === undefined) throw new Error('no path')
    expect(await status(formatReceipt({ ...receipt, path: rest }), [vkey])).toBe('tampered')
    expect(await status(formatReceipt({ ...receipt, path: [nearest, nearest, ...rest] }), [vkey])).toBe('tampered')
  })

  test('a-second-good-signature-of-a-stranger-changes-nothing-and-a-spoilt-one-of-ours-spoils-all', async () => {
    const strangers = await signCheckpoint(testSigner(9, 'witness.example'), checkpoint)
    const line = strangers.slice(strangers.lastIndexOf('—'))
    const cosigned = formatReceipt({ ...receipt, checkpoint: `${receipt.checkpoint}${line}` })
    expect(await status(cosigned, [vkey])).toBe('authentic')
    expect(nodeAccepts(cosigned, [vkey])).toBe(true)
    const own = await signCheckpoint(testSigner(), { ...checkpoint, size: 9 })
    const spoilt = formatReceipt({ ...receipt, checkpoint: `${receipt.checkpoint}${own.slice(own.lastIndexOf('—'))}` })
    expect(await status(spoilt, [vkey])).toBe('tampered')
    expect(nodeAccepts(spoilt, [vkey])).toBe(false)
  })
})

describe('a changed receipt', () => {
  test.each(['text', 'json'] as const)(
    'is-refused-whichever-single-byte-was-changed: %s',
    async (form) => {
      const { vkey, ...forms } = made(1)
      const bytes = bytesOf(forms[form])
      for (let at = 0; at < bytes.length; at++) {
        const changed = bytes.with(at, (bytes[at] ?? 0) ^ (1 << (at % 8)))
        if ((await status(changed, [vkey])) !== 'tampered') throw new Error(`byte ${String(at)} may be changed`)
      }
    },
    120_000,
  )

  test('is-refused-by-both-implementations-alike', async () => {
    const { vkey, text, json } = made(6)
    const forms = [bytesOf(text), bytesOf(json)]
    const change = fc.record({
      form: fc.nat(1),
      at: fc.nat(),
      byte: fc.nat(255),
      kind: fc.constantFrom('set', 'insert', 'remove', 'swap', 'cut'),
    })
    await fc.assert(
      fc.asyncProperty(change, async ({ form, at, byte, kind }) => {
        const bytes = forms[form] ?? new Uint8Array()
        const changed = mutated(bytes, { at: at % bytes.length, byte, kind })
        const isSame = Buffer.compare(changed, bytes) === 0
        expect(await status(changed, [vkey])).toBe(isSame ? 'authentic' : 'tampered')
        expect(nodeAccepts(changed, [vkey])).toBe(isSame)
      }),
      { numRuns: 3000 },
    )
  }, 120_000)
})

interface Change {
  readonly at: number
  readonly byte: number
  readonly kind: 'set' | 'insert' | 'remove' | 'swap' | 'cut'
}

function mutated(bytes: Uint8Array, { at, byte, kind }: Change): Uint8Array {
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at + 1)]
  switch (kind) {
    case 'set':
      return bytes.with(at, byte)
    case 'insert':
      return Uint8Array.of(...before, byte, ...bytes.subarray(at))
    case 'remove':
      return Uint8Array.of(...before, ...after)
    case 'swap':
      return bytes.with(at, bytes.at(at - 1) ?? 0).with((at + bytes.length - 1) % bytes.length, bytes[at] ?? 0)
    case 'cut':
      return before
  }
}

test('the-check-imports-nothing-of-Node', () => {
  const seen = new Set<string>()
  const waiting = [fileURLToPath(new URL('../../src/receipt.ts', import.meta.url))]
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (seen.has(file)) continue
    seen.add(file)
    for (const { specifier } of importsOf(file, readFileSync(file, 'utf8'))) {
      expect(isBuiltin(specifier), `${file} imports ${specifier}`).toBe(false)
      if (specifier.startsWith('.')) waiting.push(join(dirname(file), specifier))
      else expect(specifier).toBe('@noble/ed25519')
    }
  }
  expect(seen.size).toBeGreaterThan(8)
})
