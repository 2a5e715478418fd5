import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { ensureKey, formatKey, keyPath, readKey } from '../../src/audit/key-file.ts'
import { configFolder, places, stateFolder } from '../../src/audit/places.ts'
import { parseTrust, pinKey, readTrust } from '../../src/audit/trust.ts'
import { openWriterKey } from '../../src/audit/writer-key.ts'
import type { Machine } from '../../src/kernel/ports.ts'
import { homeIn } from '../support/home-in.ts'
import { start } from '../support/many.ts'
import { scratchFolder } from '../support/scratch.ts'
import { testSigner } from './trail.ts'

const CHILD = fileURLToPath(new URL('race-child.ts', import.meta.url))
const coded = (code: string): Error => expect.objectContaining({ code }) as Error
const modeOf = (path: string): number => statSync(path).mode & 0o777

/** The same machine, seen by a user of another id. */
function asUser(machine: Machine, userId: number | undefined): Machine {
  return { ...machine, host: { ...machine.host, userId: () => userId } }
}

function keyFile(folder = scratchFolder(), mode = 0o600): string {
  const path = join(folder, 'own.key')
  writeFileSync(path, formatKey('own', new Uint8Array(32).fill(4)), { mode })
  chmodSync(path, mode)
  return path
}

describe('places', () => {
  test('follow-XDG-else-the-home-folder', () => {
    const home = scratchFolder()
    expect(configFolder(homeIn(home))).toBe(join(home, 'config', 'capfence'))
    const plain = homeIn(home, { XDG_CONFIG_HOME: '', XDG_STATE_HOME: '' })
    expect(configFolder(plain)).toBe(join(home, '.config', 'capfence'))
    expect(stateFolder(plain)).toBe(join(home, '.local', 'state', 'capfence'))
  })

  test.each(['XDG_CONFIG_HOME', 'XDG_STATE_HOME'])('refuse-a-relative-%s', (variable) => {
    const machine = homeIn(scratchFolder(), { [variable]: 'relative/path' })
    expect(() => places(machine)).toThrow(coded('IO'))
    expect(() => places(machine)).toThrow(variable)
  })

  test('say-what-to-set-where-there-is-no-home', () => {
    const base = homeIn('/nowhere', { XDG_CONFIG_HOME: '', XDG_STATE_HOME: '' })
    const homes: readonly (() => string)[] = [
      () => '',
      () => {
        throw new Error('ENOENT')
      },
    ]
    for (const home of homes) {
      const machine: Machine = { ...base, host: { ...base.host, home } }
      expect(() => places(machine)).toThrow('XDG_CONFIG_HOME')
      expect(() => openWriterKey(machine)).toThrow(coded('IO'))
    }
  })

  test('say-what-to-set-where-nothing-can-be-written', () => {
    const folder = scratchFolder()
    writeFileSync(join(folder, 'config'), 'a file where a folder belongs')
    expect(() => openWriterKey(homeIn(folder))).toThrow(coded('IO'))
    expect(() => openWriterKey(homeIn(folder))).toThrow('XDG_CONFIG_HOME')
  })
})

describe('the writer key', () => {
  test('is-made-once-private-and-pinned', () => {
    const machine = homeIn(scratchFolder())
    const first = openWriterKey(machine)
    const second = openWriterKey(machine)
    expect([first.created, second.created]).toEqual([true, false])
    expect(second.vkey).toBe(first.vkey)
    expect(readTrust(machine).writers).toEqual(new Map([['writer', first.vkey]]))
    const { keys, trust } = places(machine)
    expect([modeOf(keys), modeOf(join(keys, 'writer.key')), modeOf(trust)]).toEqual([0o700, 0o600, 0o600])
    expect(readFileSync(join(keys, 'writer.key'), 'utf8')).toMatch(/^PRIVATE\+KEY\+writer\+[0-9a-f]{8}\+[\w+/]{44}\n$/)
    expect(readdirSync(keys)).toEqual(['writer.key'])
  })

  test('is-the-same-for-8-processes-that-race-for-it', { timeout: 60_000 }, async () => {
    const folder = scratchFolder()
    const children = Array.from({ length: 8 }, () => start(CHILD, [folder, 'key']))
    const answers = await Promise.all(children.map(({ ended }) => ended))
    const keys = answers.map((text) => JSON.parse(text) as { vkey: string; created: boolean })
    expect(new Set(keys.map(({ vkey }) => vkey)).size).toBe(1)
    expect(keys.filter(({ created }) => created)).toHaveLength(1)
    expect(readTrust(homeIn(folder)).writers.get('writer')).toBe(keys[0]?.vkey)
    expect(readdirSync(configFolder(homeIn(folder))).toSorted()).toEqual(['keys', 'trust.json'])
  })

  test('is-refused-where-trust-names-another-key', () => {
    const machine = homeIn(scratchFolder())
    pinKey(machine, 'writers', { name: 'writer', vkey: testSigner(9).vkey })
    expect(() => openWriterKey(machine)).toThrow(coded('TRUST_INVALID'))
  })

  test('comes-from-a-named-file-which-is-neither-made-nor-pinned', () => {
    const folder = scratchFolder()
    const path = keyFile(scratchFolder())
    const machine = homeIn(folder, { CAPFENCE_KEY_FILE: path })
    expect(openWriterKey(machine)).toMatchObject({ created: false, vkey: testSigner(4, 'own').vkey })
    expect(existsSync(configFolder(machine))).toBe(false)
    const missing = homeIn(folder, { CAPFENCE_KEY_FILE: `${path}.gone` })
    expect(() => openWriterKey(missing)).toThrow(coded('KEY_MISSING'))
    expect(() => openWriterKey(homeIn(folder, { CAPFENCE_KEY_FILE: 'own.key' }))).toThrow(coded('KEY_UNSAFE'))
  })

  test('is-refused-inside-the-project-also-by-a-link', () => {
    const project = scratchFolder()
    const outside = scratchFolder()
    mkdirSync(join(project, '.secrets'), { mode: 0o700 })
    const path = keyFile(join(project, '.secrets'))
    symlinkSync(path, join(outside, 'link.key'))
    for (const named of [path, join(outside, 'link.key')]) {
      const base = homeIn(outside, { CAPFENCE_KEY_FILE: named })
      const machine: Machine = { ...base, host: { ...base.host, folder: () => project } }
      expect(() => openWriterKey(machine)).toThrow(coded('KEY_UNSAFE'))
    }
  })
})

describe('a key file', () => {
  const machine = homeIn('/nowhere')

  test.each([0o640, 0o604, 0o660, 0o622, 0o644])('is-refused-with-mode %o', (mode) => {
    expect(() => readKey(machine, keyFile(scratchFolder(), mode))).toThrow(coded('KEY_UNSAFE'))
  })

  test('is-refused-of-another-user-and-in-a-folder-that-others-may-write', () => {
    const path = keyFile()
    expect(() => readKey(asUser(machine, 4242), path)).toThrow(coded('KEY_UNSAFE'))
    expect(readKey(asUser(machine, undefined), path).vkey).toBe(testSigner(4, 'own').vkey)
    const open = scratchFolder()
    const inside = keyFile(open)
    chmodSync(open, 0o777)
    expect(() => readKey(machine, inside)).toThrow(coded('KEY_UNSAFE'))
  })

  test('may-be-read-by-a-group-only-where-that-is-said', () => {
    const path = keyFile(scratchFolder(), 0o440)
    expect(() => readKey(machine, path)).toThrow(coded('KEY_UNSAFE'))
    expect(readKey(machine, path, { groupRead: true }).vkey).toBe(testSigner(4, 'own').vkey)
    const flagged = homeIn(scratchFolder(), { CAPFENCE_KEY_FILE: path, CAPFENCE_KEY_GROUP_READ: '1' })
    expect(openWriterKey(flagged).created).toBe(false)
    for (const mode of [0o460, 0o444]) {
      expect(() => readKey(machine, keyFile(scratchFolder(), mode), { groupRead: true })).toThrow(coded('KEY_UNSAFE'))
    }
  })

  const good = formatKey('own', new Uint8Array(32).fill(4))
  test.each([
    ['nothing', ''],
    ['a public key', `${testSigner(4, 'own').vkey}\n`],
    ['another hash', good.replace(/\+[0-9a-f]{8}\+/, '+00000000+')],
    ['two lines', `${good}${good}`],
    ['a cut', good.slice(0, -4)],
    ['another algorithm', good.replace(/\+AQ/, '+Ag')],
  ])('is-refused-with %s', (_what, text) => {
    const path = join(scratchFolder(), 'bad.key')
    writeFileSync(path, text, { mode: 0o600 })
    expect(() => readKey(machine, path)).toThrow(coded('KEY_INVALID'))
    const seed = good.slice(-46, -1)
    expect(() => readKey(machine, path)).not.toThrow(seed)
  })

  test('reads-the-form-that-Go-and-C2SP-tools-write', () => {
    const path = join(scratchFolder(), 'peter.key')
    writeFileSync(path, 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz', {
      mode: 0o600,
    })
    expect(readKey(machine, path).vkey).toBe('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW')
  })

  test.each(['', '../x', 'a/b', '.hidden', 'a b', 'x'.repeat(65)])('has-no-name-like %j', (name) => {
    expect(() => keyPath(machine, name)).toThrow(coded('KEY_INVALID'))
  })

  test('is-refused-in-a-folder-of-keys-that-others-may-enter', () => {
    const home = homeIn(scratchFolder())
    ensureKey(home, 'alice')
    chmodSync(places(home).keys, 0o755)
    expect(() => ensureKey(home, 'alice')).toThrow(coded('KEY_UNSAFE'))
  })
})

describe('trust', () => {
  const vkey = testSigner(5, 'alice').vkey

  test('is-nobody-where-there-is-no-file', () => {
    expect(readTrust(homeIn(scratchFolder()))).toEqual({ writers: new Map(), approvers: new Map() })
  })

  test('keeps-what-is-there-and-never-changes-a-key-in-passing', () => {
    const machine = homeIn(scratchFolder())
    pinKey(machine, 'approvers', { name: 'alice', vkey })
    pinKey(machine, 'approvers', { name: 'alice', vkey })
    pinKey(machine, 'writers', { name: 'alice', vkey: testSigner(6, 'x').vkey })
    expect(() => pinKey(machine, 'approvers', { name: 'alice', vkey: testSigner(6, 'x').vkey })).toThrow(
      coded('TRUST_INVALID'),
    )
    expect(() => pinKey(machine, 'approvers', { name: 'a b', vkey })).toThrow(coded('KEY_INVALID'))
    expect(() => pinKey(machine, 'approvers', { name: 'bob', vkey: 'x' })).toThrow(coded('KEY_INVALID'))
    expect(readTrust(machine)).toEqual({
      writers: new Map([['alice', testSigner(6, 'x').vkey]]),
      approvers: new Map([['alice', vkey]]),
    })
  })

  test('loses-no-key-of-8-processes-that-race', { timeout: 60_000 }, async () => {
    const folder = scratchFolder()
    await Promise.all(
      Array.from({ length: 8 }, (_, index) => start(CHILD, [folder, 'trust', String(index), '5']).ended),
    )
    expect(readTrust(homeIn(folder)).approvers.size).toBe(40)
    expect(readdirSync(configFolder(homeIn(folder)))).toEqual(['trust.json'])
  })

  test('is-refused-where-others-may-write-it', () => {
    const machine = homeIn(scratchFolder())
    pinKey(machine, 'approvers', { name: 'alice', vkey })
    expect(() => readTrust(asUser(machine, 4242))).toThrow(coded('TRUST_INVALID'))
    chmodSync(places(machine).trust, 0o660)
    expect(() => readTrust(machine)).toThrow(coded('TRUST_INVALID'))
  })

  test.each([
    ['no JSON', '{'],
    ['a list', '[]'],
    ['another version', '{"v":2,"writers":{},"approvers":{}}'],
    ['a missing member', '{"v":1,"writers":{}}'],
    ['an unknown member', '{"v":1,"writers":{},"approvers":{},"readers":{}}'],
    ['a list of writers', '{"v":1,"writers":[],"approvers":{}}'],
    ['a number for a key', '{"v":1,"writers":{"a":1},"approvers":{}}'],
    ['a bad key', '{"v":1,"writers":{"a":"b"},"approvers":{}}'],
    ['a bad name', `{"v":1,"writers":{"a b":${JSON.stringify(vkey)}},"approvers":{}}`],
  ])('is-refused-with %s', (_what, text) => {
    expect(() => parseTrust(text, 'trust.json')).toThrow(coded('TRUST_INVALID'))
  })

  test('takes-odd-names-as-data', () => {
    const text = `{"v":1,"writers":{"__proto__":${JSON.stringify(vkey)}},"approvers":{}}`
    expect([...parseTrust(text, 'trust.json').writers.keys()]).toEqual(['__proto__'])
  })
})
