import { expect, test } from 'vitest'
import { MAX_BYTES, MAX_NESTING } from '../../../src/facts/shell/pre-scan.ts'
import { readArgv, readShell } from '../../../src/facts/shell/read-shell.ts'
import { MAX_LEVELS } from '../../../src/facts/shell/run-words.ts'
import { factsOf, kindsOf, reader } from './reader.ts'

const HONEST = 'rm -rf a'

/** A hostile text is opaque or read, and the next honest one is read as if nothing had been. */
function survives(text: string): readonly string[] {
  const kinds = kindsOf(text)
  expect(factsOf(HONEST).argv).toEqual(['rm', '-rf', 'a'])
  expect(kindsOf(HONEST)).toEqual(['fs.delete'])
  return kinds
}

test('a-line-at-the-cap-is-read-and-one-beyond-is-opaque', () => {
  const line = `rm ${'a'.repeat(MAX_BYTES - 3)}`
  expect(survives(line)).toEqual(['fs.delete'])
  expect(survives(`${line}a`)).toEqual(['opaque'])
  expect(survives(`rm ${'é'.repeat(MAX_BYTES / 2)}`)).toEqual(['opaque'])
})

test('brackets-nest-to-the-cap-and-no-deeper', () => {
  const nested = (depth: number): string => `${'( '.repeat(depth)}rm a${')'.repeat(depth)}`
  expect(survives(nested(MAX_NESTING - 4)).filter((kind) => kind !== 'opaque')).toEqual(['fs.delete'])
  expect(survives(nested(MAX_NESTING + 1))).toEqual(['opaque'])
  // Brackets in quotes cannot make the depth look smaller than it is.
  expect(survives(`${"('))' ;".repeat(100)}rm a${')'.repeat(100)}`)).toContain('opaque')
})

test('shells-in-shells-are-read-to-the-cap-and-no-deeper', () => {
  const nested = (depth: number): string => `${'eval '.repeat(depth)}rm a`
  expect(survives(nested(MAX_LEVELS))).toEqual(['fs.delete'])
  expect(survives(nested(MAX_LEVELS + 1))).toContain('opaque')
  expect(survives(`${'env '.repeat(4_000)}rm a`)).toContain('opaque')
})

test.each([
  ['many-commands', 'a;'.repeat(8_000)],
  ['a-long-pipeline', 'a|'.repeat(8_000) + 'a'],
  ['braces-in-a-row', `ls ${'{a,b}'.repeat(3_000)}`],
  ['braces-in-braces', `ls ${'{a,'.repeat(60)}b${'}'.repeat(60)}`],
  ['a-long-sequence', 'ls {1..999999}'],
  ['a-value-many-times', `X=${'a'.repeat(8_000)}; ls ${'$X'.repeat(4_000)}`],
  ['a-text-many-times', `X='${'ls;'.repeat(1_000)}'; ${'eval "$X";'.repeat(1_000)}`],
  ['open-quotes', "'".repeat(16_001)],
  ['open-substitutions', '$('.repeat(8_000)],
  ['backquotes', '`'.repeat(16_000)],
  ['open-braces', '${'.repeat(8_000)],
  ['here-documents', '<<a '.repeat(4_000)],
  ['many-here-documents', `ls ${'<<a '.repeat(300)}\n${'a\n'.repeat(300)}`],
  ['conditions', `[[ ${'! '.repeat(7_000)} a ]]`],
  ['arithmetic', `((${'1+'.repeat(8_000)}1))`],
  ['signs', `((${'-'.repeat(16_000)}1))`],
  ['functions', 'f(){ :;};'.repeat(1_700)],
  ['assignments', 'a=1 '.repeat(4_000)],
  ['options', `rm ${'-r '.repeat(5_000)}a`],
  ['a-long-cluster', `rm -${'r'.repeat(16_000)} a`],
  ['folders', 'cd a;'.repeat(3_000) + 'rm b'],
  ['globs', `ls ${'*'.repeat(16_000)}`],
  ['brackets', `ls ${'['.repeat(16_000)}`],
  ['extended-globs', `ls ${'@('.repeat(30)}${'a|'.repeat(7_000)}${')'.repeat(30)}`],
  ['backslashes', `ls ${'\\'.repeat(16_000)}`],
  ['line-ends', '\n'.repeat(16_000)],
  ['tildes', `ls ${'~'.repeat(16_000)}`],
])('%s-are-read-within-the-steps-or-refused', (_name, text) => {
  expect(survives(text).length).toBeGreaterThanOrEqual(0)
})

test('beyond-the-steps-a-line-is-opaque-and-nothing-of-it-is-dropped-silently', () => {
  const line = `rm x; ${'eval "$X";'.repeat(1_000)}`
  expect(survives(`X='${'ls;'.repeat(1_000)}'; ${line}`)).toEqual(['opaque'])
})

test('an-argv-is-read-as-it-stands-and-its-shells-are-read', () => {
  const facts = readArgv(['rm', '-rf', '$X', '*', '{a,b}', '~'], reader)
  expect(facts.commands[0]?.effects).toMatchObject([{ kind: 'fs.delete', targets: ['$X', '*', '{a,b}', './~'] }])
  expect(facts.argv).toEqual(['rm', '-rf', '$X', '*', '{a,b}', '~'])
  expect(readArgv(['sh', '-c', 'rm a'], reader).commands[0]).toMatchObject({ program: 'rm', wrappers: ['sh'] })
  expect(readArgv(['env', '-S', 'rm a'], reader).commands[0]?.program).toBe('rm')
  expect(readArgv([], reader).opaque).toHaveLength(1)
  expect(readArgv(['ls', 'a\u0000b'], reader).opaque).toHaveLength(1)
  expect(readArgv(['git', 'commit', '-m', 'a\u00a0b\nc'], reader).opaque).toEqual([])
})

test('reading-twice-gives-the-same-and-changes-nothing', () => {
  const text = 'X=ls; $X a | xargs rm -rf {} && cd b; git -C c push --force'
  expect(readShell(text, reader)).toEqual(readShell(text, reader))
})
