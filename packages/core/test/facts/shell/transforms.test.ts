import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { factsOf, kindsOf } from './reader.ts'
import { quote } from './shell-arbitrary.ts'

// Words that hold nothing a shell would change, so that each can be written in many ways.
const COMMANDS: readonly (readonly string[])[] = [
  ['rm', '-rf', 'a', 'b'],
  ['rm', '--recursive', '--force', 'a'],
  ['chmod', '-R', '777', 'a'],
  ['dd', 'if=a', 'of=b'],
  ['git', 'push', '--force', 'origin', 'main'],
  ['curl', '-o', 'a', 'http://h/x'],
  ['find', 'a', '-delete'],
  ['cp', 'a', 'b'],
  ['tee', 'a'],
  ['unheard-of', '--x'],
  ['python3', '-c', 'x'],
  ['./run', 'a'],
]

/** Ways to write one word that mean the same to bash. */
const WORDS: readonly ((word: string) => string)[] = [
  (word) => word,
  (word) => `'${word}'`,
  (word) => `"${word}"`,
  (word) => `$'${word}'`,
  (word) => `''${word}`,
  (word) => `${word}""`,
  (word) => `${word.slice(0, 1)}"${word.slice(1)}"`,
  (word) => `${word.slice(0, 1)}''${word.slice(1)}`,
  (word) => word.replaceAll(/[a-z]/gu, String.raw`\$&`),
  (word) => `${word.slice(0, 1)}\\\n${word.slice(1)}`,
  (word) =>
    `$'${word
      .split('')
      .map((letter) => `\\x${letter.charCodeAt(0).toString(16).padStart(2, '0')}`)
      .join('')}'`,
  (word) =>
    `$'${word
      .split('')
      .map((letter) => `\\${letter.charCodeAt(0).toString(8).padStart(3, '0')}`)
      .join('')}'`,
  (word) => `{${word},}`.replace(/^\{(.*),\}$/u, '$1'),
]

/** What a line is: a simple command, a list that other lines may hold, or one that nothing may follow. */
type Shape = 'simple' | 'list' | 'last'

interface Wrapping {
  readonly wrap: (line: string) => string
  readonly takes: 'simple' | 'list'
  readonly gives: Shape
}

/** Ways to write a line so that it does at least the same. */
const WRAPPINGS: readonly Wrapping[] = [
  ...[
    (line: string) => `sudo ${line}`,
    (line: string) => `env A=1 ${line}`,
    (line: string) => `command ${line}`,
    (line: string) => `exec ${line}`,
    (line: string) => `nohup ${line}`,
    (line: string) => `timeout 5 ${line}`,
    (line: string) => `xargs ${line}`,
    (line: string) => `busybox ${line}`,
    (line: string) => `find . -exec ${line} ';'`,
  ].map((wrap) => ({ wrap, takes: 'simple' as const, gives: 'simple' as const })),
  ...[
    (line: string) => `sh -c ${quote(line)}`,
    (line: string) => `bash -lc ${quote(line)}`,
    (line: string) => `eval ${quote(line)}`,
  ].map((wrap) => ({ wrap, takes: 'list' as const, gives: 'simple' as const })),
  ...[
    (line: string) => `${line} 2>/dev/null`,
    (line: string) => `A=1 ${line}`,
    (line: string) => `coproc ${line}`,
    (line: string) => `env -S ${quote(line)}`,
  ].map((wrap) => ({ wrap, takes: 'simple' as const, gives: 'list' as const })),
  ...[
    (line: string) => `sh <<< ${quote(line)}`,
    (line: string) => `echo ${quote(line)} | sh`,
    (line: string) => `ls $(${line})`,
    (line: string) => `ls "$(${line})"`,
    (line: string) => `ls \${y:-$(${line})}`,
    (line: string) => `cat <(${line})`,
    (line: string) => `ls > >(${line})`,
    (line: string) => `y=$(${line})`,
    (line: string) => `(${line})`,
    (line: string) => `{ ${line}; }`,
    (line: string) => `! ${line}`,
    (line: string) => `ls && ${line}`,
    (line: string) => `ls || ${line}; ls`,
    (line: string) => `ls | { ${line}; } | ls`,
    (line: string) => `ls & ${line} & ls`,
    (line: string) => `if ls; then ${line}; fi`,
    (line: string) => `if ${line}; then ls; fi`,
    (line: string) => `for i in a; do ${line}; done`,
    (line: string) => `while ls; do ${line}; done`,
    (line: string) => `case a in *) ${line} ;; esac`,
    (line: string) => `f() { ${line}; }; f`,
    (line: string) => `trap ${quote(line)} EXIT`,
    (line: string) => `cd x && ${line}`,
  ].map((wrap) => ({ wrap, takes: 'list' as const, gives: 'list' as const })),
  ...[
    (line: string) => `${line} # no`,
    (line: string) => `bash <<'E'\n${line}\nE`,
    (line: string) => `cat <<E\n$(${line})\nE`,
  ].map((wrap) => ({ wrap, takes: 'list' as const, gives: 'last' as const })),
]

/** Wraps a simple command, leaving out what cannot stand around what there is by then. */
function wrapAll(command: string, wrappings: readonly Wrapping[]): string {
  let shape: Shape = 'simple'
  let line = command
  for (const { wrap, takes, gives } of wrappings) {
    if (shape === 'last' || (takes === 'simple' && shape !== 'simple')) continue
    line = wrap(line)
    shape = gives
  }
  return line
}

const written = fc
  .record({
    words: fc.constantFrom(...COMMANDS),
    ways: fc.array(fc.nat(WORDS.length - 1), { minLength: 6, maxLength: 6 }),
    gap: fc.constantFrom(' ', '  ', '\t', ' \\\n '),
  })
  .map(({ words, ways, gap }) => ({
    plain: words.join(' '),
    line: words.map((word, index) => (WORDS[ways[index] ?? 0] ?? String)(word)).join(gap),
  }))

test('no-way-of-writing-words-and-no-wrapping-loses-an-effect', { timeout: 30_000 }, () => {
  fc.assert(
    fc.property(written, fc.array(fc.constantFrom(...WRAPPINGS), { maxLength: 5 }), ({ plain, line }, wrappings) => {
      const kinds = kindsOf(wrapAll(line, wrappings))
      if (kinds.includes('opaque')) return
      expect(kinds).toEqual(expect.arrayContaining(kindsOf(plain).filter((kind) => kind !== 'exec')))
    }),
    { numRuns: 500 },
  )
})

test('each-single-transform-is-read-not-only-refused', () => {
  const refused = WRAPPINGS.map(({ wrap }) => wrap('rm -rf a')).filter((line) => kindsOf(line).includes('opaque'))
  expect(refused).toEqual([])
  for (const way of WORDS) {
    const line = ['rm', '-rf', 'a'].map(way).join(' ')
    expect(factsOf(line).argv).toEqual(['rm', '-rf', 'a'])
  }
})

test('what-stands-beside-a-command-takes-nothing-from-it', { timeout: 30_000 }, () => {
  const others = fc.constantFrom(
    'ls',
    'echo a',
    'cd x',
    'X=1',
    'true',
    'export A=b',
    'f() { ls; }',
    'read y',
    'sleep 1',
    'unset y',
    'set -e',
  )
  const operator = fc.constantFrom(';', '&&', '||', '|', '&', '\n')
  fc.assert(
    fc.property(written, others, fc.tuple(operator, operator), ({ plain, line }, other, [before, after]) => {
      const kinds = kindsOf(`${other} ${before} ${line} ${after} ${other}`)
      if (kinds.includes('opaque')) return
      expect(kinds).toEqual(expect.arrayContaining(kindsOf(plain).filter((kind) => kind !== 'exec')))
    }),
    { numRuns: 400 },
  )
})

test('long-options-are-known-by-every-unambiguous-beginning', () => {
  for (const [whole, shortest] of [
    ['--recursive', 3],
    ['--force', 3],
  ] as const) {
    for (let length = shortest; length <= whole.length; length++) {
      expect([...(factsOf(`rm ${whole.slice(0, length)} a`).commands[0]?.flags ?? [])]).toEqual([whole.slice(2)])
    }
  }
})

// The law for policies is stated where policies are: here, that a changed character never makes a reading of something
// that bash would read otherwise. What a flip makes of `rm` is another program, and nobody knows that one.
test('no-changed-character-turns-a-delete-into-a-program-that-is-known-to-do-nothing', () => {
  const line = 'rm -rf /srv/data'
  const harmless: string[] = []
  for (let at = 0; at < line.length; at++) {
    for (let code = 0; code < 128; code++) {
      const flipped = line.slice(0, at) + String.fromCharCode(code) + line.slice(at + 1)
      const facts = factsOf(flipped)
      const deletes = facts.commands.some(({ effects }) => effects.some(({ kind }) => kind === 'fs.delete'))
      const isJudged = kindsOf(flipped).some(
        (kind) => kind === 'opaque' || kind === 'exec.unknown' || kind.startsWith('code.'),
      )
      if (!deletes && !isJudged) harmless.push(flipped)
    }
  }
  // A comment, a redirect in place of the operand, `nm` and `rg`: each of these truly deletes nothing.
  expect(harmless.filter((each) => !/[#<>]|^(?:nm|rg) /u.test(each))).toEqual([])
})
