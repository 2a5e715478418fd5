import { beforeAll, describe, expect, test } from 'vitest'
import type { SpecExample } from '../../../src/facts/shell/program-spec.ts'
import { readShell } from '../../../src/facts/shell/read-shell.ts'
import type { ShellEffectKind, ShellFacts } from '../../../src/facts/shell/shell-facts.ts'
import { loadShellReader, type ShellReader } from '../../../src/facts/shell/shell-reader.ts'
import { PROGRAM_SPECS } from '../../../src/facts/shell/specs/index.ts'

let reader: ShellReader
beforeAll(async () => {
  reader = await loadShellReader()
})

function effectsOf({ commands, effects }: ShellFacts): Map<ShellEffectKind, Set<string>> {
  const found = new Map<ShellEffectKind, Set<string>>()
  for (const effect of [...commands.flatMap((command) => command.effects), ...effects]) {
    const targets = found.get(effect.kind) ?? new Set()
    for (const target of effect.targets) targets.add(target ?? '?')
    found.set(effect.kind, targets)
  }
  return found
}

function holdsTo(example: SpecExample): void {
  const facts = readShell(example.line, reader)
  expect(facts.opaque.length > 0, JSON.stringify(facts.opaque)).toBe(example.opaque === true)
  const found = effectsOf(facts)
  if (example.effects !== undefined) {
    const kinds = example.effects.map((effect) => (typeof effect === 'string' ? effect : effect.kind))
    expect([...found.keys()].toSorted()).toEqual(kinds.toSorted())
  }
  for (const effect of example.effects ?? []) {
    if (typeof effect === 'string') continue
    expect([...(found.get(effect.kind) ?? [])].toSorted()).toEqual([...effect.targets].toSorted())
  }
  const flags = facts.commands.flatMap((command) => [...command.flags])
  for (const flag of example.flags ?? []) expect(flags).toContain(flag)
}

const EXAMPLES = PROGRAM_SPECS.flatMap((spec) => spec.examples.map((example) => ({ name: spec.names[0], example })))

describe('each-example-of-a-program-means-what-its-spec-says', () => {
  test.each(EXAMPLES.map(({ name, example }) => [name, example.line, example] as const))('%s: %s', (_, __, example) =>
    holdsTo(example),
  )
})

describe('the-specs-as-a-whole', () => {
  test('name-each-program-once', () => {
    const names = PROGRAM_SPECS.flatMap((spec) => spec.names)
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
  })

  test('spell-no-option-twice-in-one-command', () => {
    const twice: string[] = []
    for (const spec of PROGRAM_SPECS) {
      const names = (spec.options ?? []).flatMap((option) => option.names)
      twice.push(...names.filter((name, at) => names.indexOf(name) !== at).map((name) => `${spec.names[0]} ${name}`))
    }
    expect(twice).toEqual([])
  })
})
