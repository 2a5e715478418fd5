import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { keyRing } from '../../src/audit/key-ring.ts'
import { genesisHead } from '../../src/audit/seal.ts'
import { parseTrust, pinKey } from '../../src/audit/trust.ts'
import { CapabilitySystem } from '../../src/compose/capability-system.ts'
import { base64, concat, fromHex, hex, utf8 } from '../../src/kernel/bytes.ts'
import { sha256 } from '../../src/kernel/digest.ts'
import { ed25519Verifier } from '../../src/kernel/ed25519.ts'
import { parseVkey } from '../../src/kernel/vkey.ts'
import { homeIn } from '../support/home-in.ts'
import { scratchFolder } from '../support/scratch.ts'
import { VKEY_A } from '../support/vkeys.ts'

/** The eight points of small order in canonical form, two of them again with a sign that they cannot have. */
const SMALL_ORDER = [
  `01${'00'.repeat(31)}`,
  `01${'00'.repeat(30)}80`,
  `ec${'ff'.repeat(30)}7f`,
  `ec${'ff'.repeat(31)}`,
  '00'.repeat(32),
  `${'00'.repeat(31)}80`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
]

/** The prime itself is another way to write 0, and so on up to the end of 255 bits. */
const NOT_CANONICAL = [`ed${'ff'.repeat(30)}7f`, `ee${'ff'.repeat(30)}7f`, `f0${'ff'.repeat(30)}7f`, 'ff'.repeat(32)]

// As `formatVkey` would write it, did it not refuse the key.
function vkeyOf(digits: string): string {
  const key = concat(Uint8Array.of(0x01), fromHex(digits) ?? new Uint8Array())
  return `weak+${hex(sha256(concat(utf8('weak\n'), key)).subarray(0, 4))}+${base64(key)}`
}

const coded = (code: string): Error => expect.objectContaining({ code }) as Error

describe.each([...SMALL_ORDER, ...NOT_CANONICAL])('the weak key %s', (digits) => {
  const vkey = vkeyOf(digits)

  test('is-refused-wherever-a-key-is-read', () => {
    expect(() => parseVkey(vkey)).toThrow(coded('KEY_INVALID'))
    expect(() => ed25519Verifier(vkey)).toThrow(coded('KEY_INVALID'))
    expect(() => keyRing([VKEY_A, vkey], VKEY_A)).toThrow(coded('KEY_INVALID'))
    expect(() => keyRing([], vkey)).toThrow(coded('KEY_INVALID'))
    const machine = homeIn(scratchFolder())
    expect(() => genesisHead({ chain: 'main', vkey, ids: machine.ids })).toThrow(coded('KEY_INVALID'))
    expect(() => pinKey(machine, 'writers', { name: 'weak', vkey })).toThrow(coded('KEY_INVALID'))
    for (const role of ['writers', 'approvers']) {
      const text = JSON.stringify({ v: 1, writers: {}, approvers: {}, [role]: { weak: vkey } })
      expect(() => parseTrust(text, 'trust.json')).toThrow(coded('TRUST_INVALID'))
    }
  })

  test('approves-nothing-in-a-policy', async () => {
    const file = join(scratchFolder(), 'policy.yaml')
    writeFileSync(file, `version: 1\napprovers:\n  weak: "${vkey}"\nallow: [filesystem.read.workspace]\n`)
    await expect(new CapabilitySystem().loadPolicy(file)).rejects.toMatchObject({ code: 'POLICY_INVALID' })
    writeFileSync(file, `version: 1\napprovers:\n  good: "${VKEY_A}"\nallow: [filesystem.read.workspace]\n`)
    await new CapabilitySystem().loadPolicy(file)
  })
})
