import * as fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { readShell } from '../../../src/facts/shell/read-shell.ts'
import type { ShellFacts } from '../../../src/facts/shell/shell-facts.ts'
import { loadShellReader, type ShellReader } from '../../../src/facts/shell/shell-reader.ts'
import { scratchFolder } from '../../support/scratch.ts'
import { executedByBash, type Executed } from './bash-oracle.ts'
import { shellLine } from './shell-arbitrary.ts'

// `CAPFENCE_FUZZ=20000 pnpm test …/bash-differential.test.ts` reads that many lines, other ones each time.
const asked = Number(process.env['CAPFENCE_FUZZ'] ?? 0)
const LINES = asked > 0 ? asked : 2_000
const SEED = asked > 0 ? Number(process.env['CAPFENCE_SEED'] ?? Date.now()) : 20_260_101
const BATCH = 500

let reader: ShellReader
beforeAll(async () => {
  reader = await loadShellReader()
})

test(
  'every-program-that-bash-would-execute-is-among-the-commands-or-the-line-is-opaque',
  { timeout: 60_000 + LINES * 1_000 },
  async () => {
    const lines = mutate(fc.sample(shellLine, { numRuns: LINES, seed: SEED }))
    const folder = scratchFolder()
    const wrong: string[] = []
    let read = 0
    let executed = 0
    for (let from = 0; from < lines.length; from += 2 * BATCH) {
      const batch = lines.slice(from, from + 2 * BATCH)
      const halves = [batch.slice(0, BATCH), batch.slice(BATCH)]
      const all = (await Promise.all(halves.map((half) => executedByBash(half, folder)))).flat()
      expect(all.length).toBe(batch.length)
      for (const [index, text] of batch.entries()) {
        const runs = all[index]
        if (runs === undefined) continue
        const facts = readShell(text, reader)
        if (facts.opaque.length === 0) read += 1
        executed += runs.length
        wrong.push(...mismatches(facts, runs).map((what) => `${JSON.stringify(text)} ${what}`))
      }
    }
    console.info(
      `seed ${String(SEED)}: ${String(lines.length)} lines, ${String(read)} read in full, ${String(executed)} programs executed`,
    )
    expect(wrong).toEqual([])
    // Were all opaque, nothing would have been compared.
    expect(read).toBeGreaterThan(lines.length / 4)
  },
)

/** Every third line gets one character changed, by others that stand for much in bash. */
function mutate(lines: readonly string[]): readonly string[] {
  const marks = ' ;&|(){}<>$"\'`\\\n#=*?[]!-1aX'
  return lines.map((line, index) => {
    if (index % 3 !== 0 || line.length === 0) return line
    const at = (index * 7919) % line.length
    const mark = marks[(index * 104_729) % marks.length] ?? ' '
    return line.slice(0, at) + mark + line.slice(at + (index % 2))
  })
}

function mismatches(facts: ShellFacts, runs: readonly Executed[]): readonly string[] {
  const missed = runs.filter((run) => !isCovered(facts, run)).map((run) => `runs ${JSON.stringify(run)}`)
  const { argv } = facts
  // The oracle plays shells itself, so these leave no line of their own.
  if (argv === undefined || /^(?:ba)?sh$/u.test(argv[0] ?? '') || isExactly(runs, argv)) return missed
  return [...missed, `is not ${JSON.stringify(argv)}`]
}

function isCovered(
  { commands, opaque }: Pick<ShellFacts, 'commands' | 'opaque'>,
  [program, ...args]: Executed,
): boolean {
  if (opaque.length > 0) return true
  // Behind a pipe it is a program, which is peeled off.
  if (program === 'time') return isCovered({ commands, opaque }, args)
  return commands.some(
    (command) => (command.program === undefined || command.program === program) && fits(command.args, args),
  )
}

/** Whether words fit a pattern in which undefined stands for any number of them. */
function fits(pattern: readonly (string | undefined)[], words: readonly string[]): boolean {
  const [first, ...rest] = pattern
  if (pattern.length === 0) return words.length === 0
  if (first !== undefined) return words[0] === first && words.length > 0 && fits(rest, words.slice(1))
  return Array.from({ length: words.length + 1 }, (_none, skipped) => words.slice(skipped)).some((tail) =>
    fits(rest, tail),
  )
}

function isExactly(runs: readonly Executed[], argv: readonly string[]): boolean {
  return runs.length === 1 && JSON.stringify(runs[0]) === JSON.stringify(argv)
}
