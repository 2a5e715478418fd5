import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isUnder } from '../../src/facts/path/posix-path.ts'
import { readPath } from '../../src/facts/path/read-path.ts'
import { isSurelyUnder, mayBeUnder, ruleFolder } from '../../src/facts/path/rule-folder.ts'
import { machine } from '../../src/kernel/ports.ts'

const { links } = machine().files

let top: string
beforeAll(() => {
  top = realpathSync.native(mkdtempSync(join(tmpdir(), 'capfence-path-')))
  mkdirSync(join(top, 'ws/sub'), { recursive: true })
  mkdirSync(join(top, 'ws_secret'))
  mkdirSync(join(top, 'out/deep'), { recursive: true })
  writeFileSync(join(top, 'ws/a.txt'), '')
  writeFileSync(join(top, 'out/secret'), '')
  symlinkSync(join(top, 'out'), join(top, 'ws/door'))
  symlinkSync('../out/deep', join(top, 'ws/down'))
  symlinkSync(join(top, 'out/not-yet'), join(top, 'ws/dangling'))
  symlinkSync('loop', join(top, 'ws/loop'))
  symlinkSync(join(top, 'out'), join(top, 'alias'))
})
afterAll(() => {
  rmSync(top, { recursive: true })
})

const lexical = (text: string, root: string | undefined = '/workspace', decodes = false): unknown => {
  const facts = readPath(text, { root, decodes, links: undefined })
  return facts.kind === 'path' ? facts.path : { opaque: facts.why }
}
const real = (text: string): string | undefined => {
  const facts = readPath(text, { root: join(top, 'ws'), decodes: false, links })
  return facts.kind === 'path' ? facts.path.slice(top.length) || '/' : undefined
}

describe('a path, as text', () => {
  test.each([
    ['a.txt', '/workspace/a.txt'],
    ['./a//b/.', '/workspace/a/b'],
    ['../etc/passwd', '/etc/passwd'],
    ['/workspace/../../etc', '/etc'],
    ['/', '/'],
    ['///etc', '/etc'],
    ['a/ü/文.txt', '/workspace/a/ü/文.txt'],
    ['backup~', '/workspace/backup~'],
    ['%2e%2e/x', '/workspace/%2e%2e/x'],
  ])('is-normalised-as-posix-does: %j', (text, path) => {
    expect(lexical(text)).toBe(path)
  })

  test.each([
    '',
    'a\0b',
    'a\nb',
    ' a',
    'a ',
    'a\u200bb',
    'a\u202etxt',
    'a\u2028b',
    '..\\x',
    '~/x',
    '~root/x',
    '$HOME/x',
    'a/${X}',
    'file:///etc/passwd',
    'C:/x',
    'c:x',
    '//server/share',
    'x'.repeat(4097),
    '\ud800',
    '/proc/self/environ',
    '/proc/1/root/etc/passwd',
    '/proc//thread-self/../self/cwd',
    '/dev/fd/3',
  ])('is-opaque-where-two-programs-could-read-it-in-two-ways: %j', (text) => {
    expect(lexical(text)).toHaveProperty('opaque')
  })

  test('is-opaque-where-it-is-relative-to-nothing', () => {
    expect(readPath('a', { root: undefined, decodes: false, links: undefined }).kind).toBe('opaque')
    expect(readPath('/a', { root: undefined, decodes: false, links: undefined }).kind).toBe('path')
  })

  test('is-opaque-where-the-tool-decodes-what-we-do-not', () => {
    expect(lexical('%2e%2e/x', '/workspace', true)).toHaveProperty('opaque')
  })

  test('stands-below-a-folder-by-segment-never-by-prefix', () => {
    expect(isUnder('/srv/allowed_dir_sensitive', '/srv/allowed_dir')).toBe(false)
    expect(isUnder('/srv/allowed_dir', '/srv/allowed_dir')).toBe(true)
    expect(isUnder('/srv/allowed_dir/x', '/srv/allowed_dir')).toBe(true)
    expect(isUnder('/x', '/')).toBe(true)
  })
})

describe('a path, on the machine', () => {
  test.each([
    ['a.txt', '/ws/a.txt'],
    ['sub/new/file', '/ws/sub/new/file'],
    ['door/secret', '/out/secret'],
    ['door/new-file', '/out/new-file'],
    ['door/no/such/folder', '/out/no/such/folder'],
    ['sub/../a.txt', '/ws/a.txt'],
    ['sub/../../ws_secret', '/ws_secret'],
    ['a.txt/below', '/ws/a.txt/below'],
  ])('is-where-its-links-lead: %j', (text, path) => {
    expect(real(text)).toBe(path)
  })

  test.each(['dangling', 'dangling/x', 'loop', 'loop/x', 'down/../secret', 'sub/gone/../../a.txt'])(
    'is-opaque-where-nobody-can-say-what-it-will-open: %j',
    (text) => {
      expect(real(text)).toBeUndefined()
    },
  )

  test('a-rule-of-a-linked-folder-stops-under-both-of-its-names-and-lets-through-under-the-real-one', () => {
    const folder = ruleFolder(join(top, 'alias'), links)
    expect(folder.real).toBe(join(top, 'out'))
    expect(mayBeUnder(join(top, 'out/secret'), folder)).toBe(true)
    expect(mayBeUnder(join(top, 'alias/secret'), folder)).toBe(true)
    expect(isSurelyUnder(join(top, 'out/secret'), folder)).toBe(true)
    expect(isSurelyUnder(join(top, 'alias/secret'), folder)).toBe(false)
  })

  // What a program opens that takes the text as it is, and one that cuts `..` out first, is what we said, or we said nothing.
  test('law: what-was-read-is-what-both-kinds-of-programs-would-open', () => {
    const segment = fc.constantFrom(
      'ws',
      'out',
      'sub',
      'door',
      'down',
      'deep',
      'dangling',
      'loop',
      'alias',
      '..',
      '.',
      'new',
      'a.txt',
    )
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 7 }), (segments) => {
        const text = segments.join('/')
        const root = join(top, 'ws')
        const facts = readPath(text, { root, decodes: false, links })
        if (facts.kind === 'opaque') return
        for (const whole of [`${root}/${text}`, resolve(root, text)]) {
          // Where nothing stands yet, what would be made there stands in the folder above.
          const opened = attempt(() => realpathSync.native(whole))
          const folder = attempt(() => realpathSync.native(dirname(whole)))
          if (opened !== undefined) expect(facts.path).toBe(opened)
          else if (folder !== undefined && !/(^|\/)\.\.?$/.test(text)) expect(dirname(facts.path)).toBe(folder)
        }
      }),
      { numRuns: 2000 },
    )
  })
})

function attempt<Value>(action: () => Value): Value | undefined {
  try {
    return action()
  } catch {
    return undefined // nothing there: the next way is tried
  }
}

describe('a path of plain characters with something else in it', () => {
  const plain = fc.string({ unit: fc.constantFrom(...'abZ09_./@%+=,-'.split('')), maxLength: 20 })
  const read = (text: string): string => readPath(text, { root: '/ws', decodes: false, links: undefined }).kind

  test('is-opaque-wherever-that-stands', () => {
    const other = fc.constantFrom('\\', '$', '\0', '\n', '\u0085', '\u200b', '\u2028', '\u202e')
    fc.assert(
      fc.property(plain, other, plain, (before, found, after) => {
        expect(read(`${before}${found}${after}`)).toBe('opaque')
      }),
    )
  })

  test('is-opaque-where-its-beginning-or-end-says-something', () => {
    const shape = fc.constantFrom(['~', ''], [' ', ''], ['', ' '], ['c:', ''], ['//x', ''], ['', '\n'])
    fc.assert(
      fc.property(plain, shape, (text, [before, after]) => {
        expect(read(`${String(before)}${text}${String(after)}`)).toBe('opaque')
      }),
    )
  })
})
