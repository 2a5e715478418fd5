import { describe, expect, test } from 'vitest'
import { scratchFolder } from '../../support/scratch.ts'
import { executedByBash } from './bash-oracle.ts'
import { factsOf, kindsOf } from './reader.ts'

describe('a-text-that-the-parser-takes-for-another-one-is-opaque', () => {
  test.each([
    'ls(',
    'l(s a',
    'ls( a',
    'ls (;#',
    'ls $(l(s)',
    "eval 'l(s a'",
    '`l(s a`',
    // A line that goes on within an expansion, or within an operator.
    'X=rm; $\\\nX a',
    'X=rm; "$\\\nX" a',
    'X=rm; $\\\n\\\nX a',
    'X=rm; $\\\n{X} a',
    'X=l Xs=rm; $X\\\ns a',
    'X=l Xs=rm; "$X\\\ns" a',
    "$\\\n'rm' a",
    'ls $\\\n$',
    'ls 2\\\n>y',
    'ls {fd}\\\n>y',
    'ls <\\\n(rm x)',
    'ls &\\\n& rm x',
    // The dash ends the redirect, and the rest of it is a word.
    '>&-rm ls',
    '>& -rm ls',
    '<&-rm ls',
    '2>&-rm ls',
    // A word that may be an assignment goes on to the end of its subscript.
    'ls <(ls)\\\na',
    'ls <(ls)\\\n\\\na',
    'ls <(ls)#; rm x',
    '<(ls)#; rm x',
    'ls < <(ls)#; rm x',
    'for i in <(ls)#; do rm x\ndo ls; done',
    'X=(<(ls)#\nrm x)',
    'ls `ls \\\\\\\na`',
    'ls "`ls \\\na`"',
    // Written anew, the redirect stands behind the words, and the first of them is none.
    'ls $(<y ! ls)',
    'ls "$(: ; 2>&1 time ls)"',
    'ls <(>y coproc ls)',
    "l[s -- 'rm' x ]",
    "l[ a == b ]]'&'",
    'X=(a)$(rm x)',
    'X=(a)`rm x` ls',
    'X=(a)b ls',
    'X=(a)"$(rm x)" ls',
    'export X=(a)$(rm x)',
    'X=(a)(b)',
    'X=(a $(rm x))b)',
    'ls[ a ]=b',
    'X=1 ls[ a ]',
    'export ls[ a ]=b',
    'Y=([ a ]=b)',
    // Without an option of the shell these are no words.
    'ls @(a|b)',
    'ls !(a)',
    'X=@(a)',
    'X=(!(a))',
  ])('%j', (line) => {
    expect(kindsOf(line)).toContain('opaque')
    expect(factsOf(line).argv).toBeUndefined()
  })

  test.each(['ls $[', 'ls "$["', 'ls $[1'])('%j', (line) => {
    expect(factsOf(line).argv).toBeUndefined()
  })
})

test('a-dollar-that-expands-nothing-keeps-a-word-whole', async () => {
  const [runs] = await executedByBash(["X='a b'; p1 $X$} $X$%'c' $X"], scratchFolder())
  expect(runs).toEqual([['p1', 'a b$}', 'a b$%c', 'a', 'b']])
  expect(factsOf("X='a b'; p1 $X$} c").commands[0]?.args).toEqual([undefined, 'c'])
  expect(factsOf("X='rm a'; $X$} c").opaque).toHaveLength(1)
  expect(factsOf('p1 a$ "a$" $').argv).toEqual(['p1', 'a$', 'a$', '$'])
})

test.each([
  'X=(a $(ls) "b c" # d\n  e\\\n f\n); ls',
  'X=(); ls',
  'ls $(<y ls; ! ls; time ls >y)',
  'X=( a ); ls',
  'ls &&\\\nls',
  'ls |\\\ncat',
  'ls a\\\nb',
  'ls \\\n  -l \\\n  a',
  'ls "a\\\nb"',
  'ls 2>&1 >&- a',
  'ls <<E 2>y a\nx\nE',
  'X=1 >y ls a >z',
])('a-line-that-goes-on-as-people-write-it-is-read: %j', (line) => {
  expect(kindsOf(line)).not.toContain('opaque')
})

test.each([
  'a{b}c,d}',
  '{}a,b}',
  'x{}a,b}',
  '{a}{b,c}',
  '{a}b,c}',
  '{{a}b,c}',
  '{a..c}d,e}',
  '{..a,b}',
  '{a..,b}',
  '{a,b}}',
  '{{a,b}',
  'a{,b}c}',
  '{},a}',
  'x{},a}',
  '{a},b}',
  '{a,{},b}',
  '{{},b}',
  '{{}}a,b}',
  '{a..}b,c}',
  '{a..}}',
  '{..}a,b}',
  '{a,b}{}',
  '{a,b}{}c,d}',
  '{1..3}{}a,b}',
  'a{b,c}{d}e,f}',
  '{a,b{c}d,e}',
  '{{{a,b}',
  '{a,b}{{}',
  '{1..2,3}',
  '{a,1..2}',
  '{,{,}}',
  '{a..b}..{c..d}',
])('braces-are-read-as-bash-reads-them: %s', async (word) => {
  const [runs] = await executedByBash([`p1 ${word} z`], scratchFolder())
  const { args = [] } = factsOf(`p1 ${word} z`).commands[0] ?? {}
  const known = args.includes(undefined) ? [[undefined, 'z']] : runs?.map(([, ...words]) => words)
  expect([args]).toEqual(known)
})
