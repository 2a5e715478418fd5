import { describe, expect, test } from 'vitest'
import { scratchFolder } from '../../support/scratch.ts'
import { executedByBash } from './bash-oracle.ts'
import { factsOf, kindsOf, targetsOf } from './reader.ts'

describe('what-a-command-sets-is-not-known-where-it-may-not-run', () => {
  test.each([
    'X=p1; { X=p2; } <none; $X',
    'X=p1; export X=p2 <none; $X',
    'X=p1; eval X=p2 <none; $X',
    'X=p1; declare Y=a X=p2 <none; $X',
    'X=p1; time { X=p2; } <none; $X',
    'X=p1; (export X=p2 <none; $X)',
    'X=p1; declare -p X=p2; $X',
    'X=p1; local X=p2; $X',
    'X=p1; X=a declare X=p2; $X',
    'X_PID=p1; coproc X { :; }; $X_PID',
    // What ends a text that `eval` runs ends no more than that.
    "X=p1; eval ': $((1/0)); X=p2'; $X",
    "X=p1; eval ': ${X:0:-9}; X=p2'; $X",
    "X=p1; eval 'UID=1; X=p2'; $X",
    "X=p1; readonly Y=1; eval 'Y=2; X=p2'; $X",
    "X=p1; declare -r Y=1; eval 'Y=2; X=p2'; $X",
    "X=p1; eval 'Y[-1]=a; X=p2'; $X",
    "X=p1; eval 'for i in 1 2; do Y=1; readonly Y; done; X=p2'; $X",
    "X=p1; eval 'FUNCNEST=1; f1() { f1; }; f1; X=p2'; $X",
    "X=p1; eval 'shopt -s failglob\n: zz*; X=p2'; $X",
  ])('%j', async (line) => {
    const [runs] = await executedByBash([line], scratchFolder())
    expect(runs?.at(-1)?.[0]).not.toBe('p2')
    expect(kindsOf(line)).toContain('opaque')
  })

  // A shell of its own goes on with the next line.
  test.each([
    'X=rm\n: $((1/0)); X=ls\n$X a',
    'X=rm\n: $((1/0)); X=ls\n\n{ $X a; }',
    'X=rm\nsh -c "X=rm\n: \\$((1/0)); X=ls\n\\$X a"',
    'X=rm; i=0\nY=$((1 % i)); X=ls\n$X a',
    'X=rm; i=0\n: $((i /= i)); X=ls\n$X a',
    'X=rm; i=-1\n: $((2 ** i)); X=ls\n$X a',
    'X=rm; i=-9\n: ${X:0:i}; X=ls\n$X a',
    'X=rm\nPPID=1; X=ls\n$X a',
    'X=rm\nUID=1; X=ls\n$X a',
    'X=rm\nreadonly Y=1\nY=2; X=ls\n$X a',
    'X=rm\ndeclare -rx Y=1\nY=2; X=ls\n$X a',
    'X=rm\nreadonly Y\n: $((Y = 2)); X=ls\n$X a',
    'X=rm\ng() { readonly Y=1; }; g\nY=2; X=ls\n$X a',
  ])('%j', (line) => {
    expect(kindsOf(line)).toContain('opaque')
  })

  test('a-function-is-not-known-where-it-may-not-be-defined', () => {
    const line = ': $((1/0)); g() { :; }\ng a'
    expect(kindsOf(line)).toContain('exec.unknown')
    expect(kindsOf('g() { :; }\ng a')).toEqual(['exec'])
  })
})

test.each([
  'X=ls; export X=ls >y; $X',
  'X=a; { X=ls; $X; } 2>y',
  'i=1; { i=2; } >y; echo $((i + 1))',
  'i=1; i=2 >y; echo $((i + 1))',
  'n=4; m=$((n / 2)); i=$((m - 1)); echo $((i * 2))',
  'n=4\nm=$((100 * n / 3))\ni=$((m - 1))\necho $((i * 2))',
  'n=4; a=1; m=$((n / a)); i=$((m - 1)); echo $((i * 2))',
  'readonly D=a\nX=ls\n$X a',
])('what-is-certain-is-read: %j', (line) => {
  expect(kindsOf(line)).not.toContain('opaque')
})

test.each([
  "X='a[$(p1)]'; let X++",
  "X='a[$(p1)]'; let X+=1",
  "X='a[$(p1)]'; let X=08; : $((X))",
  "X='a[$(p1)]'; ((X=08)); : $((X))",
  "X='a[$(p1)]'; ((X=2#3)); : $((X))",
])('a-number-that-is-none-leaves-what-the-variable-held: %j', async (line) => {
  expect(await executedByBash([line], scratchFolder())).toEqual([[['p1']]])
  expect(kindsOf(line)).toContain('opaque')
})

test('numbers-are-read-as-people-write-them', () => {
  for (const line of [
    'let i=1; let i++ i+=2',
    'echo $((0x1f + 017 + 10#8 + 16#ff))',
    'for i in 7 8; do echo $((i)); done',
  ])
    expect(kindsOf(line)).toEqual(['exec'])
})

test.each(['${}', '${+}', '${%X}', '${X:}', '${X[]}', '${X[ ]}', '${1:=a}', '${@:=a}', '${Z[-1]:=a}', '${Z[@]:=a}'])(
  'a-substitution-that-bash-refuses-is-opaque: %s',
  (word) => {
    expect(kindsOf(`: ${word}`)).toContain('opaque')
  },
)

test.each([
  '${X::2}',
  '${X: -1}',
  '${X:1:2}',
  '${#}',
  '${##}',
  '${#?}',
  '${-}',
  '${10}',
  '${X[1]}',
  '${X:=a}',
  '${1:-a}',
])('an-expansion-that-bash-knows-is-read: %s', (word) => {
  expect(kindsOf(`: ${word}`)).toEqual(['exec'])
})

test('a-folder-is-not-certain-behind-a-change-that-must-have-failed', () => {
  expect(targetsOf('! cd a && rm b', 'fs.delete')).toEqual(['b', 'a/b'])
  expect(targetsOf('time ! cd a && rm b', 'fs.delete')).toEqual(['b', 'a/b'])
  expect(targetsOf('cd c && ! cd a && rm b', 'fs.delete')).toEqual(['c/b', 'c/a/b'])
  expect(targetsOf('{ ! cd a; } && rm b', 'fs.delete')).toEqual(['b', 'a/b'])
  expect(factsOf('cd a && rm b').opaque).toEqual([])
})
