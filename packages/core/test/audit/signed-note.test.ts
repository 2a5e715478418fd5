import { describe, expect, test } from 'vitest'
import { noteKeys, openCheckpoint, openNote, signCheckpoint } from '../../src/audit/checkpoint-note.ts'
import { checkpointText, parseCheckpoint } from '../../src/audit/checkpoint.ts'
import { formatNote, parseNote } from '../../src/audit/signed-note.ts'
import { ed25519Signer } from '../../src/kernel/ed25519.ts'
import { testSigner } from './trail.ts'

// The example of the C2SP signed-note text.
const C2SP_VKEY = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'
const C2SP_NOTE =
  'This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n'
// The example of Go's golang.org/x/mod/sumdb/note.
const GO_VKEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
const GO_SEED = new Uint8Array(Buffer.from('AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz', 'base64').subarray(1))
const GO_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
const GO_NOTE = `${GO_TEXT}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`

describe('a signed note', () => {
  test.each([
    { whose: 'C2SP', note: C2SP_NOTE, vkey: C2SP_VKEY, text: 'This is an example message.\n' },
    { whose: 'Go', note: GO_NOTE, vkey: GO_VKEY, text: GO_TEXT },
  ])('that-was-published-opens-and-is-written-the-same: $whose', ({ note, vkey, text }) => {
    expect(openNote(note, noteKeys([vkey]))).toEqual({ text })
    const parsed = parseNote(note)
    expect(parsed && formatNote(parsed)).toBe(note)
  })

  test('signed-with-the-published-key-is-the-published-note', () => {
    const signer = ed25519Signer('PeterNeumann', GO_SEED)
    expect(signer.vkey).toBe(GO_VKEY)
    const signature = signer.sign(new TextEncoder().encode(GO_TEXT)) as Uint8Array
    const signatures = [{ name: 'PeterNeumann', keyId: signer.keyId, signature }]
    expect(formatNote({ text: GO_TEXT, signatures })).toBe(GO_NOTE)
  })

  test('counts-only-with-a-known-key-and-falls-with-a-bad-signature-of-one', () => {
    const [body, line] = [C2SP_NOTE.slice(0, C2SP_NOTE.indexOf('—')), C2SP_NOTE.slice(C2SP_NOTE.indexOf('—'))]
    const unknown = GO_NOTE.slice(GO_NOTE.indexOf('—'))
    expect(openNote(C2SP_NOTE, noteKeys([GO_VKEY]))).toHaveProperty('fault')
    expect(openNote(C2SP_NOTE, noteKeys([]))).toHaveProperty('fault')
    expect(openNote(`${body}${unknown}${line}`, noteKeys([C2SP_VKEY]))).toEqual({ text: body.slice(0, -1) })
    // Go's signature is over another text.
    expect(openNote(`${body}${unknown}${line}`, noteKeys([C2SP_VKEY, GO_VKEY]))).toHaveProperty('fault')
    const spoilt = line.replace('Ukn8', 'Ukn9').replace('Okn8', 'Okn9')
    expect(openNote(`${body}${line}${spoilt}`, noteKeys([C2SP_VKEY]))).toHaveProperty('fault')
    // The same key under another name is another key.
    expect(openNote(C2SP_NOTE.replace('example.com/foo', 'example.com/bar'), noteKeys([C2SP_VKEY]))).toHaveProperty(
      'fault',
    )
  })

  test('may-have-empty-lines-in-its-text-and-sixteen-signatures', () => {
    const signatures = Array.from({ length: 16 }, (_, at) => ({
      name: `witness${String(at)}.example`,
      keyId: '0102030a',
      signature: new Uint8Array(64).fill(at),
    }))
    const note = formatNote({ text: 'a\n\nb\n', signatures })
    expect(parseNote(note)).toEqual({ text: 'a\n\nb\n', signatures })
  })

  const line = C2SP_NOTE.slice(C2SP_NOTE.indexOf('—'))
  test.each([
    ['no signature', 'text\n'],
    ['no empty line', `text\n${line}`],
    ['no end', C2SP_NOTE.slice(0, -1)],
    ['another line after it', `${C2SP_NOTE}x\n`],
    ['an empty line after it', `${C2SP_NOTE}\n`],
    ['a hyphen', C2SP_NOTE.replace('—', '-')],
    ['two blanks', C2SP_NOTE.replace('— ', '—  ')],
    ['a blank at the end', `${C2SP_NOTE.slice(0, -1)} \n`],
    ['a carriage return', C2SP_NOTE.replace('message.\n', 'message.\r\n')],
    ['a NUL', C2SP_NOTE.replace('is an', 'is\0an')],
    ['a tab', C2SP_NOTE.replace('is an', 'is\tan')],
    ['a lone surrogate', C2SP_NOTE.replace('is an', 'is \ud800')],
    ['a plus in a name', C2SP_NOTE.replace('com/foo', 'com+foo')],
    ['a blank that is none in a name', C2SP_NOTE.replace('com/foo', 'com\u00a0foo')],
    ['no name', C2SP_NOTE.replace('example.com/foo', '')],
    ['base64 without its padding', C2SP_NOTE.replace('aQM=', 'aQM')],
    ['base64 that is not canonical', C2SP_NOTE.replace('aQM=', 'aQN=')],
    ['base64 for URLs', C2SP_NOTE.replace('Uw2Q', 'Uw-Q')],
    ['no more than a key id', `text\n\n— name AQIDBA==\n`],
    ['101 signatures', `text\n\n${line.repeat(101)}`],
    ['nothing', ''],
  ])('is-refused-with %s', (_what, note) => {
    expect(parseNote(note)).toBeUndefined()
    expect(openNote(note, noteKeys([C2SP_VKEY]))).toHaveProperty('fault')
  })

  test.each([['no line end'], ['control\u0001\n'], ['\n'.repeat(0)], ['\ud800\n']])(
    'is-not-written-over-a-text-that-it-cannot-carry: %j',
    (text) => {
      const signatures = [{ name: 'a', keyId: '01020304', signature: new Uint8Array(64) }]
      expect(() => formatNote({ text, signatures })).toThrow(
        expect.objectContaining({ code: 'CHAIN_INVALID' }) as Error,
      )
    },
  )
})

const CHECKPOINT = { origin: 'capfence.local/00/main', size: 12, root: new Uint8Array(32).fill(1) }

describe('a checkpoint', () => {
  test('is-the-text-of-C2SP', () => {
    const text = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n'
    const parsed = parseCheckpoint(text)
    expect(parsed).toMatchObject({ origin: 'example.com/behind-the-sofa', size: 20_852_163 })
    expect(parsed && checkpointText(parsed)).toBe(text)
  })

  const text = checkpointText(CHECKPOINT)
  test.each([
    ['an extension line', `${text}more\n`],
    ['no end', text.slice(0, -1)],
    ['an empty line', `${text}\n`],
    ['no origin', text.slice(text.indexOf('\n'))],
    ['a leading zero', text.replace('\n12\n', '\n012\n')],
    ['a sign', text.replace('\n12\n', '\n+12\n')],
    ['a blank', text.replace('\n12\n', '\n12 \n')],
    ['a fraction', text.replace('\n12\n', '\n1.2\n')],
    ['hex', text.replace('\n12\n', '\n0xc\n')],
    ['a size beyond 2^53', text.replace('\n12\n', '\n9007199254740992\n')],
    ['a short root', text.replace(/\n[^\n]+\n$/, '\nAQEB\n')],
    ['a root that is not canonical', text.replace('AQE=', 'AQF=')],
    ['two lines', 'a\n1\n'],
    ['nothing', ''],
  ])('is-refused-with %s', (_what, bad) => {
    expect(parseCheckpoint(bad)).toBeUndefined()
  })

  test('is-signed-under-the-name-of-the-key-and-opens-with-that-key-alone', async () => {
    const signer = testSigner()
    const note = await signCheckpoint(signer, CHECKPOINT)
    expect(note).toMatch(/^capfence\.local\/00\/main\n12\n\S+\n\n— writer \S+\n$/)
    expect(openCheckpoint(note, noteKeys([signer.vkey]))).toEqual(CHECKPOINT)
    expect(openCheckpoint(note, noteKeys([testSigner(8).vkey]))).toMatch(/trusted/)
    expect(openCheckpoint(note, noteKeys([testSigner(7, 'other').vkey]))).toMatch(/trusted/)
    expect(openCheckpoint(note.replace('\n12\n', '\n13\n'), noteKeys([signer.vkey]))).toMatch(/not verify/)
    expect(openCheckpoint(C2SP_NOTE, noteKeys([C2SP_VKEY]))).toMatch(/not a checkpoint/)
  })

  test.each([
    ['fails', { sign: () => Promise.reject(new Error('no network')) }],
    ['gives nothing', { sign: () => undefined as never }],
    ['signs something else', { sign: () => testSigner().sign(new Uint8Array(1)) }],
    ['signs with another key', { sign: (message: Uint8Array) => testSigner(9).sign(message) }],
  ])('is-not-made-where-the-signer %s', async (_what, change) => {
    const made = signCheckpoint({ ...testSigner(), ...change }, CHECKPOINT)
    await expect(made).rejects.toMatchObject({ code: 'KEY_INVALID' })
  })
})
