import { generateKeyPairSync, sign as nodeSign } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import * as noble from '@noble/ed25519'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ed25519Signer, ed25519Verifier } from '../../src/kernel/ed25519.ts'
import { checkPublicKey } from '../../src/kernel/public-key.ts'
import { formatVkey, parseVkey } from '../../src/kernel/vkey.ts'

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))
const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex')

// RFC 8032 §7.1: secret key, public key, message, signature.
const RFC8032 = [
  {
    seed: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    publicKey: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    message: '',
    signature:
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  },
  {
    seed: '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    publicKey: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    message: '72',
    signature:
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  },
  {
    seed: 'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    publicKey: 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    message: 'af82',
    signature:
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  },
  {
    seed: '833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42',
    publicKey: 'ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf',
    message:
      'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
    signature:
      'dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704',
  },
]

describe('Ed25519', () => {
  test.each(RFC8032)('gives-the-signature-of-RFC-8032: $publicKey', ({ seed, publicKey, message, signature }) => {
    const signer = ed25519Signer('test', bytes(seed))
    expect(hex(parseVkey(signer.vkey).publicKey)).toBe(publicKey)
    expect(hex(signer.sign(bytes(message)) as Uint8Array)).toBe(signature)
    expect(ed25519Verifier(signer.vkey).verify(bytes(message), bytes(signature))).toBe(true)
  })

  test('agrees-with-a-second-implementation-on-random-keys-and-messages', async () => {
    const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 })
    await fc.assert(
      fc.asyncProperty(seeds, fc.uint8Array({ maxLength: 200 }), fc.nat(63), async (seed, message, where) => {
        const signer = ed25519Signer('test', seed)
        const signature = signer.sign(message) as Uint8Array
        expect(hex(signature)).toBe(hex(await noble.signAsync(message, seed)))
        const { publicKey } = parseVkey(signer.vkey)
        expect(hex(publicKey)).toBe(hex(await noble.getPublicKeyAsync(seed)))
        const damaged = signature.with(where, (signature[where] ?? 0) ^ 1)
        for (const candidate of [signature, damaged]) {
          const expected = await noble.verifyAsync(candidate, message, publicKey, { zip215: false })
          expect(ed25519Verifier(signer.vkey).verify(message, candidate)).toBe(expected)
        }
      }),
      { numRuns: 60 },
    )
  })

  test('refuses-a-signature-of-another-length-and-one-with-a-large-s', () => {
    const signer = ed25519Signer('test', new Uint8Array(32).fill(3))
    const signature = signer.sign(bytes('00')) as Uint8Array
    const verifier = ed25519Verifier(signer.vkey)
    expect(verifier.verify(bytes('00'), signature.subarray(0, 63))).toBe(false)
    expect(verifier.verify(bytes('00'), new Uint8Array(0))).toBe(false)
    // RFC 8032 §5.1.7: S must be below the group's order, else each signature has a twin.
    const order = 2n ** 252n + 27742317777372353535851937790883648493n
    const s = BigInt(`0x${hex(signature.slice(32).reverse())}`) + order
    const twin = Uint8Array.of(...signature.slice(0, 32), ...bytes(s.toString(16).padStart(64, '0')).reverse())
    expect(verifier.verify(bytes('00'), twin)).toBe(false)
  })
})

const SMALL_ORDER = [
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0000000000000000000000000000000000000000000000000000000000000080',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
]
const NOT_CANONICAL = [
  '0100000000000000000000000000000000000000000000000000000000000080',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
]

describe('a public key', () => {
  test.each([...SMALL_ORDER, ...NOT_CANONICAL])('is-refused-where-it-is-weak-or-not-canonical: %s', (key) => {
    expect(() => checkPublicKey(bytes(key))).toThrow(expect.objectContaining({ code: 'KEY_INVALID' }) as Error)
  })

  test('is-taken-or-refused-as-a-second-implementation-does', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (key) => {
        const accepts = (check: () => unknown): boolean => {
          try {
            check()
            return true
          } catch {
            return false
          }
        }
        const strict = accepts(() => {
          if (noble.Point.fromBytes(key, false).isSmallOrder()) throw new Error('small order')
        })
        expect(accepts(() => checkPublicKey(key))).toBe(strict)
      }),
      { numRuns: 200 },
    )
  })
})

describe('a vkey', () => {
  // The example of the C2SP signed-note text and of Go's sumdb/note.
  const PETER = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'

  test('reads-the-published-example-and-writes-it-again', () => {
    const { name, keyId, publicKey } = parseVkey(PETER)
    expect({ name, keyId }).toEqual({ name: 'PeterNeumann', keyId: 'c74f20a3' })
    expect(formatVkey(name, publicKey)).toBe(PETER)
  })

  test('verifies-the-published-note', () => {
    const text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    const signature = Buffer.from(
      'x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=',
      'base64',
    )
    expect(signature.subarray(0, 4).toString('hex')).toBe('c74f20a3')
    expect(ed25519Verifier(PETER).verify(new Uint8Array(Buffer.from(text)), signature.subarray(4))).toBe(true)
  })

  test.each([
    ['another hash', PETER.replace('c74f20a3', 'c74f20a4')],
    ['an upper-case hash', PETER.replace('c74f20a3', 'C74F20A3')],
    ['another name', PETER.replace('Peter', 'Petra')],
    ['no name', PETER.replace('PeterNeumann', '')],
    ['a blank in the name', PETER.replace('PeterN', 'Peter N')],
    ['another algorithm', PETER.replace('+AR', '+BB')],
    ['a line end', `${PETER}\n`],
    ['a cut', PETER.slice(0, -1)],
    ['padding that is not canonical', PETER.replace('TW', 'TX')],
    ['a URL alphabet', PETER.replace('/', '_')],
    ['nothing', ''],
  ])('is-refused-with %s', (_what, text) => {
    expect(() => parseVkey(text)).toThrow(expect.objectContaining({ code: 'KEY_INVALID' }) as Error)
  })

  test('of-a-random-key-of-Node-comes-back-as-it-was', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const raw = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32))
    const vkey = formatVkey('audit.example.com/log', raw)
    expect(parseVkey(vkey).publicKey).toEqual(raw)
    const message = new Uint8Array([1, 2, 3])
    expect(ed25519Verifier(vkey).verify(message, nodeSign(null, message, privateKey))).toBe(true)
  })
})

test('no-file-of-the-audit-floor-draws-chance-or-time-by-itself', () => {
  const folder = new URL('../../src/audit/', import.meta.url)
  for (const file of readdirSync(folder)) {
    expect(readFileSync(new URL(file, folder), 'utf8'), file).not.toMatch(
      /randomBytes|randomUUID|Date\.now|Math\.random/,
    )
  }
})
