import { readShell } from '../../../src/facts/shell/read-shell.ts'
import type { ShellEffectKind, ShellFacts } from '../../../src/facts/shell/shell-facts.ts'
import { loadShellReader } from '../../../src/facts/shell/shell-reader.ts'

/** The reader of all tests: it keeps nothing of what it reads. */
export const reader = await loadShellReader()

/** The facts of a line. */
export function factsOf(line: string): ShellFacts {
  return readShell(line, reader)
}

/** All effects of a line, sorted; `opaque` among them where something could not be read. */
export function kindsOf(line: string): readonly (ShellEffectKind | 'opaque')[] {
  const facts = factsOf(line)
  const effects = [...facts.commands.flatMap((command) => command.effects), ...facts.effects]
  const kinds = new Set<ShellEffectKind | 'opaque'>(effects.map(({ kind }) => kind))
  if (facts.opaque.length > 0) kinds.add('opaque')
  return [...kinds].toSorted()
}

/** The targets of one kind of effect. */
export function targetsOf(line: string, kind: ShellEffectKind): readonly (string | undefined)[] {
  const facts = factsOf(line)
  const effects = [...facts.commands.flatMap((command) => command.effects), ...facts.effects]
  return effects.filter((effect) => effect.kind === kind).flatMap(({ targets }) => targets)
}
