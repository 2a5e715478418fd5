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
const MARKS = ' ;&|(){}<>$"\'`\\\n#=*?[]!-1aX'

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

/** Of three lines one stays, one gets one character changed and one several, by others that stand for much in bash. */
function mutate(lines: readonly string[]): readonly string[] {
  let random = 1 + (SEED % 1_000_003)
  const below = (limit: number): number => {
    random = (random * 48_271) % 2_147_483_647
    return random % limit
  }
  return lines.map((line, index) => {
    let text = line
    for (let left = [0, 1, 1 + below(4)][index % 3] ?? 0; left > 0; left--) {
      const at = below(text.length + 1)
      text = text.slice(0, at) + MARKS.charAt(below(MARKS.length + 4)) + text.slice(at + below(2))
    }
    return text
  })
}

function mismatches(facts: ShellFacts, runs: readonly Executed[]): readonly string[] {
  const missed = runs.filter((run) => !isCovered(facts, run)).map((run) => `runs ${JSON.stringify(run)}`)
  const { argv } = facts
  // The oracle plays these itself, so they leave no line of their own, nor does a path that leads nowhere.
  if (
    argv === undefined ||
    /\/|^(?:(?:|ba|da|a|rba)sh|time|command|coproc)$/u.test(argv[0] ?? '') ||
    isExactly(runs, argv)
  )
    return missed
  return [...missed, `is not ${JSON.stringify(argv)}`]
}

function isCovered(facts: Pick<ShellFacts, 'commands' | 'opaque'>, [name = '', ...args]: Executed): boolean {
  const { commands, opaque } = facts
  // Whatever a shell is fed from outside, or from a file: nobody can say what it runs.
  const isAny = commands.some(({ effects }) => effects.some(({ kind }) => /^code\.(?:remote|local)$/u.test(kind)))
  if (opaque.length > 0 || isAny) return true
  // A command has the name that its spec calls it by, without its folder.
  const program = name === '[' ? 'test' : name.slice(name.lastIndexOf('/') + 1)
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
