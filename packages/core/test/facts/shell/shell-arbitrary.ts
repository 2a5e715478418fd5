import * as fc from 'fast-check'

// Names that no machine has, and no path: what is made here may be handed to a real bash that runs nothing.
const PROGRAM = fc.constantFrom('p1', 'p2', 'p3', 'q1')
const PLAIN = fc.constantFrom(
  'a',
  'b',
  '-rf',
  '--x',
  '-',
  '--',
  'a=b',
  '1',
  '{}',
  'a,b',
  '!',
  'if',
  'then',
  'p1',
  '=',
  '+',
  '%',
  '@',
  ':',
  'x1',
)
const VARIABLE = fc.constantFrom('X', 'Y', 'i')

const QUOTED = fc.oneof(
  PLAIN.map((word) => `'${word}'`),
  PLAIN.map((word) => `"${word}"`),
  PLAIN.map((word) => `$'${word}'`),
  fc.constantFrom(
    String.raw`$'\x70\x31'`,
    String.raw`$'a\nb'`,
    String.raw`$'\''`,
    String.raw`"a\$b"`,
    String.raw`"a\"b"`,
    String.raw`"a\b"`,
    '""',
    "''",
    "'a b'",
    '"a  b"',
    String.raw`\a`,
    String.raw`a\ b`,
    'a\\\nb',
    String.raw`\-rf`,
    '"a\\\nb"',
    String.raw`'a\'`,
    '"#"',
    "'('",
    '";"',
    '"&"',
    '$"a"',
    String.raw`$'\101'`,
    String.raw`$'\u0061'`,
    String.raw`$'a\0b'`,
    String.raw`$'\cA'`,
    String.raw`$'\e'`,
    String.raw`\;`,
  ),
)
const BRACED = fc.constantFrom(
  '{a,b}',
  'x{a,b}y',
  '{1..3}',
  '{a..c}',
  '{a,{b,c}}',
  '{a}',
  '{a,b',
  'a,b}',
  '{,}',
  '{a,}',
  '{1..3..2}',
  '{01..03}',
  '{a,b}{c,d}',
  "{'a',b}",
  String.raw`{a\,b,c}`,
  '{a,"b c"}',
  '{}',
  '{{a,b}',
  '{a,b}}',
  '{3..1}',
  '{a..C}',
  '{p1,a}',
  '{a,b},c',
  '{..}',
  '{a..b,c}',
  '{-1..1}',
  '{1..3',
  'a{b}{c,d}',
  '{a,b}$X',
  '${X}{a,b}',
  '{$X,b}',
  '"{a,b}"',
  '{1..a}',
  '{a,b}=c',
)

/** Lines of bash in which every program has a name that nothing on the machine has. */
export const shellLine: fc.Arbitrary<string> = fc.letrec<{
  word: string
  command: string
  pipeline: string
  list: string
  nested: string
  line: string
}>((tie) => ({
  word: fc.oneof(
    { maxDepth: 2, depthSize: 'xsmall' },
    { arbitrary: PLAIN, weight: 6 },
    { arbitrary: QUOTED, weight: 4 },
    { arbitrary: BRACED, weight: 2 },
    { arbitrary: VARIABLE.map((name) => `$${name}`), weight: 2 },
    { arbitrary: VARIABLE.map((name) => `"\${${name}}"`), weight: 1 },
    {
      arbitrary: fc.constantFrom(
        '$((1+2))',
        '$((i+1))',
        '${#X}',
        '${X:-a}',
        '${X:+b c}',
        '${X%a}',
        '$?',
        '"$@"',
        '$#',
        '${X:=q}',
        '${X/a/b}',
        '${Y[0]}',
        '${X:0:1}',
        '*',
        'a*',
        '[ab]',
        '?',
        '~x',
        'a=~',
      ),
      weight: 2,
    },
    { arbitrary: tie('nested').map((line) => `$(${line})`), weight: 1 },
    { arbitrary: tie('nested').map((line) => `"$(${line})"`), weight: 1 },
    {
      arbitrary: tie('nested')
        .filter((line) => !/[`\\$]/u.test(line))
        .map((line) => `\`${line}\``),
      weight: 1,
    },
    { arbitrary: tie('nested').map((line) => `<(${line})`), weight: 1 },
    { arbitrary: fc.tuple(PLAIN, QUOTED).map((parts) => parts.join('')), weight: 2 },
    { arbitrary: tie('nested').map((line) => `\${X:-$(${line})}`), weight: 1 },
  ),
  command: fc
    .record({
      before: fc.constantFrom(
        '',
        '',
        '',
        '',
        'X=a ',
        'Y=1 ',
        '>o1 ',
        'command ',
        'builtin eval ',
        'exec ',
        '! ',
        'time ',
        'X=p2; ',
        'X="a b"; ',
        'i=1; ',
        'X=; ',
        'command -- ',
      ),
      program: fc.oneof(
        { arbitrary: PROGRAM, weight: 8 },
        {
          arbitrary: fc.constantFrom(
            '"p1"',
            String.raw`p\1`,
            "p''2",
            '$X',
            '"$Y"',
            '{p1,a}',
            String.raw`$'p1'`,
            'p1\\\n',
            ':',
            'echo',
            'eval p1',
            'eval',
            'export X=p1',
            'read X',
            'p?',
            '"$(p1)"',
            'f1',
            'printf %s',
            'test',
            '[ -n',
          ),
          weight: 2,
        },
      ),
      words: fc.array(tie('word'), { maxLength: 3 }),
      after: fc.constantFrom(
        '',
        '',
        '',
        '',
        ' >o1',
        ' 2>&1',
        ' <o2',
        ' >>o1 2>o2',
        ' <<<a',
        ' >&2',
        ' <<E\n$(p3 h)\nE\n',
        " <<'E'\n$(p3 h)\nE\n",
        ' # p3',
        ' <<-E\n\ta\n\tE\n',
        ' >|o1',
        ' &>o1',
      ),
      gap: fc.constantFrom(' ', ' ', ' ', '  ', '\t', ' \\\n'),
    })
    .map(({ before, program, words, after, gap }) => before + [program, ...words].join(gap) + after),
  pipeline: fc.oneof(
    { maxDepth: 2, depthSize: 'xsmall' },
    { arbitrary: tie('command'), weight: 16 },
    { arbitrary: fc.tuple(tie('command'), tie('command')).map((both) => both.join(' | ')), weight: 2 },
    { arbitrary: tie('list').map((list) => `(${list}\n)`), weight: 1 },
    { arbitrary: tie('list').map((list) => `{ ${list}\n}`), weight: 1 },
    {
      arbitrary: fc.tuple(tie('command'), tie('list')).map(([test, list]) => `if ${test}\nthen ${list}\nfi`),
      weight: 1,
    },
    {
      arbitrary: fc.tuple(tie('word'), tie('list')).map(([word, list]) => `for i in ${word} 1\ndo ${list}\ndone`),
      weight: 1,
    },
    {
      arbitrary: fc
        .tuple(tie('word'), tie('list'))
        .map(([word, list]) => `case ${word} in (a|b) p1 ;; *) ${list}\n;; esac`),
      weight: 1,
    },
    { arbitrary: tie('list').map((list) => `while q1; do p1; done; until p2\ndo ${list}\ndone`), weight: 1 },
    { arbitrary: tie('list').map((list) => `f1() { ${list}\n}\nf1 a`), weight: 1 },
    { arbitrary: tie('list').map((list) => `eval ${quote(list)}`), weight: 1 },
    { arbitrary: tie('list').map((list) => `sh -c ${quote(list)}`), weight: 1 },
    { arbitrary: tie('list').map((list) => `trap ${quote(list)} EXIT`), weight: 1 },
    { arbitrary: tie('list').map((list) => `bash <<'E1'\n${list}\nE1\n`), weight: 1 },
    { arbitrary: tie('list').map((list) => `echo ${quote(list)} | sh`), weight: 1 },
    {
      arbitrary: fc.constantFrom(
        '[[ a == b ]]',
        '[[ -n $X ]]',
        '((i=1))',
        '[ a = b ]',
        'X=$(p1)',
        'X+=1',
        'Y=(p1 a)',
        'unset X',
        'X=$((1+1))',
        'export X',
        'set -e',
        'read X',
        'readonly Y',
        'declare X=p3',
        'X=p3 Y=a',
        'IFS=1',
      ),
      weight: 2,
    },
  ),
  list: fc
    .array(fc.tuple(tie('pipeline'), fc.constantFrom(';', '&&', '||', '\n', '; ', ' && ', ' || ', ' &\n')), {
      minLength: 1,
      maxLength: 2,
    })
    .map((parts) =>
      parts
        .map(
          ([line, operator], index) => line + (index + 1 < parts.length ? (line.endsWith('\n') ? '' : operator) : ''),
        )
        .join(''),
    ),
  nested: fc.oneof(
    { maxDepth: 2, depthSize: 'xsmall' },
    { arbitrary: fc.constantFrom('p1 n', 'q1', 'p2 -n | p3', "p3 'n m'"), weight: 4 },
    { arbitrary: tie('command'), weight: 1 },
  ),
  line: fc.oneof({ arbitrary: tie('command'), weight: 3 }, { arbitrary: tie('list'), weight: 2 }),
})).line

/** A text as one word of bash. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
