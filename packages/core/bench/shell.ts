import { readShell } from '../src/facts/shell/read-shell.ts'
import { loadShellReader, type ShellReader } from '../src/facts/shell/shell-reader.ts'
import { median, table } from './median.ts'

/** What reading one line takes, in microseconds: the median of several runs. */
export interface ShellRow {
  readonly line: string
  readonly microseconds: number
}

const RUNS = 15

/** Lines as agents write them. */
const LINES: readonly string[] = [
  'ls -la',
  'rm -rf /var/lib/postgresql/data ./build/output /srv/cache/tmp',
  'git commit -m "Fix the thing that was broken" --no-verify',
  'cd /workspace/app && grep -rn "foo bar" src | head -20',
  'cat package.json | jq .version > /tmp/version.txt 2>/dev/null',
  'sudo env A=1 sh -c "find . -name \'*.o\' -exec rm -f {} +"',
  'mytool deploy --env staging --region eu-west-1 --verbose now',
]

/** Lines of 16 KiB that are made to take long. */
export const HOSTILE: readonly (readonly [name: string, line: string])[] = [
  ['8,000 commands', 'a;'.repeat(8_000)],
  ['4,000 known commands', 'ls;'.repeat(4_000)],
  ['a pipeline of 8,000', `${'a|'.repeat(8_000)}a`],
  ['a group fed to a group', `{ ${'a;'.repeat(3_900)} } | { ${'b;'.repeat(3_900)} }`],
  ['16,000 backquotes', '`'.repeat(16_000)],
  ['4,000 here-documents', '<<a '.repeat(4_000)],
  ['nested substitutions', `${'$('.repeat(60)}a${')'.repeat(60)} `.repeat(85)],
  ['nested quotes', `${'"$('.repeat(60)}a${')"'.repeat(60)} `.repeat(60)],
  ['5,000 options', `rm ${'-r '.repeat(5_000)}a`],
  ['a cluster of 16,000', `rm -${'r'.repeat(16_000)} a`],
  ['a sum of 8,000', `((${'1+'.repeat(8_000)}1))`],
  ['1,700 functions', 'f(){ :;};'.repeat(1_700)],
  ['a text read again and again', `X='${'ls;'.repeat(1_000)}'; ${'eval "$X";'.repeat(1_000)}`],
  ['a value used again and again', `X=${'a'.repeat(8_000)}; ls ${'$X'.repeat(4_000)}`],
  ['16,000 globs', `ls ${'*'.repeat(16_000)}`],
  ['16,000 brackets', `ls ${'['.repeat(16_000)}`],
  ['alternatives in a pattern', `ls ${'@('.repeat(30)}${'a|'.repeat(7_000)}${')'.repeat(30)}`],
  ['5,000 quoted words', `ls ${'"a" '.repeat(4_000)}`],
  ['8,000 variables', `ls ${'$a'.repeat(8_000)}`],
  ['3,000 changes of folder', `${'cd a;'.repeat(3_000)}rm b`],
]

/** Reading shell lines: honest ones, and the longest that are still read. */
export async function benchShell(): Promise<readonly ShellRow[]> {
  const reader = await loadShellReader()
  const honest = LINES.map((line) => ({ line, microseconds: measure(reader, line, 2_000) }))
  table('Reading a shell line, microseconds', [
    ['', 'median'],
    ...honest.map(({ line, microseconds }) => [line, microseconds.toFixed(1)]),
  ])
  const hostile = HOSTILE.map(([name, line]) => ({ line: name, microseconds: measure(reader, line, 1) }))
  table('Reading a hostile line of 16 KiB, milliseconds', [
    ['', 'median'],
    ...hostile.map(({ line, microseconds }) => [line, (microseconds / 1_000).toFixed(1)]),
  ])
  return [...honest, ...hostile]
}

function measure(reader: ShellReader, line: string, calls: number): number {
  const times: number[] = []
  for (let run = -3; run < RUNS; run++) {
    const startedAt = performance.now()
    let commands = 0
    for (let call = 0; call < calls; call++) commands += readShell(line, reader).commands.length
    if (commands < 0) throw new Error('unreachable') // the answers are used, so reading cannot be optimised away
    if (run >= 0) times.push(((performance.now() - startedAt) * 1_000) / calls)
  }
  return median(times)
}
