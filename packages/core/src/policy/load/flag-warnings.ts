import type { FactReaders } from '../fact-readers.ts'
import type { Condition, Rule } from '../model.ts'

/** The most programs and options of a policy's rule that are held against each other. */
const MAX_PAIRS = 1024

/** Options of a rule that no program of it knows under that name: they would never be found set. */
export function flagWarnings({ id, conditions }: Rule, { shell }: FactReaders): readonly string[] {
  if (shell === undefined) return []
  return shellsIn(conditions).flatMap(({ program = [], flags_all: all = [], flags_any: any = [] }) => {
    const flags = [...all, ...any]
    const names = program.filter((name) => !name.includes('*'))
    if (names.length === 0 || names.length < program.length || names.length * flags.length > MAX_PAIRS) return []
    return flags.flatMap((flag) => {
      const found = names.map((name) => namesOf(name, flag, (line) => shell.line(line)))
      if (!found.every((each) => each !== undefined && !each.has(flag))) return []
      const [other] = found.flatMap((each) => [...(each ?? [])])
      const hint = other === undefined ? '' : ` (it is called \`${other}\`)`
      return [`\`${id}\` looks for an option \`${flag}\` that ${named(names)} never has under that name${hint}`]
    })
  })
}

type ShellCondition = Extract<Condition, { kind: 'shell' }>

function shellsIn(conditions: readonly Condition[]): readonly ShellCondition[] {
  return conditions.flatMap((condition) => {
    if (condition.kind === 'shell') return [condition]
    return condition.kind === 'unless' ? shellsIn(condition.conditions) : []
  })
}

type Read = (line: string) => ReturnType<NonNullable<FactReaders['shell']>['line']>

// What the options are called that a program has where one is set by a name; undefined where nobody knows that option, or
// it may be one of a sub-command.
function namesOf(program: string, flag: string, read: Read): ReadonlySet<string> | undefined {
  const { commands } = read(`${program} ${flag.length === 1 ? '-' : '--'}${flag} x`)
  const command = commands.find((each) => each.program === program)
  return command?.isKnown === true && command.hasAllFlags && command.flags.size > 0 ? command.flags : undefined
}

function named(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ')
}
