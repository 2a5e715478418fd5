import type { CommandSpec, OptionSpec, ProgramSpec, SpecExample } from '../program-spec.ts'

/** What options have in common, next to their names and whether they take a value. */
type Meaning = Omit<OptionSpec, 'names' | 'value'>

/**
 * Options from a short notation: one a word, its spellings with commas between. `=` at the end says that it takes a
 * value, `[=]` that it takes one only attached.
 *
 * @example
 * options('-a,--all -w,--width= --color[=]')
 */
export function options(text: string, meaning: Meaning = {}): readonly OptionSpec[] {
  return text
    .split(/\s+/u)
    .filter((word) => word !== '')
    .map((word) => ({ ...meaning, ...spelling(word) }))
}

function spelling(word: string): Pick<OptionSpec, 'names' | 'value'> {
  if (word.endsWith('[=]')) return { names: word.slice(0, -3).split(','), value: 'optional' }
  if (word.endsWith('=') && word.length > 1) return { names: word.slice(0, -1).split(','), value: 'required' }
  return { names: word.split(',') }
}

/** What each GNU program takes. */
export const GNU: readonly OptionSpec[] = options('--help --version')

/** Several programs, each under its own name, that take the same words and do the same. */
export function alike(
  names: string,
  command: CommandSpec,
  example: (name: string) => SpecExample,
): readonly ProgramSpec[] {
  return names.split(' ').map((name) => ({ ...command, names: [name], examples: [example(name)] }))
}
