import { expect, test } from 'vitest'
import { scratchFolder } from '../../support/scratch.ts'
import { type Executed, executedByBash } from './bash-oracle.ts'

test.each<readonly [line: string, runs: readonly Executed[]]>([
  ["p1 $'\\x3{1' 'a\nb' $'\\x4n' $'\\x4'4", [['p1', '\u0003{1', 'a\nb', '\u0004n', '\u00044']]],
  ["p1 '' $'\\001end' $'\\002end'; p2", [['p1', '', '\u0001end', '\u0002end'], ['p2']]],
  ["IFS=1; X=a1b; echo 'p1 $X' | sh; p2 $X", [['p1'], ['p2', 'a', 'b']]],
  ["export X=a1b; IFS=1; bash <<'E'\np1 $X\nE\n", [['p1', 'a1b']]],
  ["ash <<'E'\np1\nE\ndash -c p2; rbash -c 'p3 \"$@\"'", [['p1'], ['p2'], ['p3']]],
  [
    "bash -ec 'p1 $1' p2 a; bash a <<<p3; bash -s a <<<'p2 $1'; sh - <<<q1",
    [['p1', 'a'], ['bash', 'a'], ['p2', 'a'], ['q1']],
  ],
  ['f1() { p1; }; sh -c f1; f1', [['f1'], ['p1']]],
  ['set -eu; q1 || p1; exec -a b p2 c; p3', [['q1'], ['p1'], ['p2', 'c']]],
  ["exec sh -c 'p1; exec'; p2", [['p1']]],
  ['exec command p1 a', [['p1', 'a']]],
  // An error in an expansion ends a line, and no more.
  ['X=p1\n: $((1/0)); X=p2\n$X a', [['p1', 'a']]],
  ['p1 | time; p2 | time -p eval', [['p1'], ['time'], ['p2'], ['eval']]],
])('the-oracle-writes-down-what-bash-runs: %j', async (line, runs) => {
  const [ran] = await executedByBash([line], scratchFolder())
  // The parts of a pipeline run at once.
  expect(sorted(ran ?? [])).toEqual(sorted(runs))
})

function sorted(runs: readonly Executed[]): readonly string[] {
  return runs.map((run) => JSON.stringify(run)).toSorted()
}
