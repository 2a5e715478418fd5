import { expect, test } from 'vitest'
import { scratchFolder } from '../../support/scratch.ts'
import { executedByBash } from './bash-oracle.ts'
import { factsOf, kindsOf, targetsOf } from './reader.ts'

const CERTAIN: readonly (readonly [word: string, value: string])[] = [
  [String.raw`$'a b'`, 'a b'],
  [String.raw`$'\x70\x31'`, 'p1'],
  [String.raw`$'\160\061'`, 'p1'],
  [String.raw`$'\u0070\U00000031'`, 'p1'],
  [String.raw`$'\x7061'`, 'p61'],
  [String.raw`$'\1601'`, 'p1'],
  [String.raw`$'a\nb\tc\\\"\?'`, 'a\nb\tc\\"?'],
  [String.raw`$'\a\b\e\E\f\r\v'`, '\u0007\b\u001b\u001b\f\r\u000b'],
  [String.raw`$'\x09\x0a\011\012'`, '\t\n\t\n'],
  [String.raw`$'\x2f\x7e'`, '/~'],
]

test.each(CERTAIN)('an-escape-that-every-bash-reads-alike-is-read: %s', async (word, value) => {
  const line = `p1 a${word}b`
  expect(factsOf(line).argv).toEqual(['p1', `a${value}b`])
  expect(await executedByBash([line], scratchFolder())).toEqual([[['p1', `a${value}b`]]])
})

test.each([
  // The last but two hang on the locale.
  String.raw`\u1061`,
  String.raw`\u00e9`,
  String.raw`\U0001f600`,
  String.raw`\U0010ffff`,
  String.raw`\xe9`,
  String.raw`\351`,
  // Versions of bash, and other shells, differ on how many digits there are.
  String.raw`\x{31`,
  String.raw`\x{31}`,
  String.raw`\x{}`,
  String.raw`\x1`,
  String.raw`\xg`,
  String.raw`\x`,
  String.raw`\u61`,
  String.raw`\u`,
  String.raw`\U61`,
  String.raw`\61`,
  String.raw`\8`,
  String.raw`\18`,
  String.raw`\777`,
  // Nothing behind a NUL is kept.
  String.raw`a\0b`,
  String.raw`a\x00b`,
  String.raw`a\000b`,
  String.raw`a\u0000b`,
  String.raw`a\c@b`,
  String.raw`\cA`,
  String.raw`\ca`,
  String.raw`\c?`,
  String.raw`\c\\`,
  String.raw`\c`,
  String.raw`\x01`,
  String.raw`\x7f`,
  String.raw`\001`,
  String.raw`\177`,
  String.raw`\z`,
  '\\\nx70',
  '\\\n',
  String.raw`\$`,
  String.raw`\ `,
])('an-escape-that-is-not-read-alike-is-one-word-that-nobody-can-know: %j', async (text) => {
  expect(factsOf(`p1 $'${text}' b`)).toMatchObject({ commands: [{ args: [undefined, 'b'] }], argv: undefined })
  expect(kindsOf(`$'${text}' b`)).toContain('opaque')
  expect(kindsOf(`rm$'${text}' b`)).toContain('opaque')
  expect(targetsOf(`rm a$'${text}'`, 'fs.delete')).toEqual([undefined])
  const [runs] = await executedByBash([`p1 $'${text}' b`], scratchFolder())
  expect(runs).toMatchObject([{ length: 3 }])
})

test('a-quote-that-does-not-end-is-opaque', () => {
  for (const line of ["p1 $'a", String.raw`p1 $'a\'`, String.raw`p1 $'\c\'`]) expect(kindsOf(line)).toEqual(['opaque'])
})
