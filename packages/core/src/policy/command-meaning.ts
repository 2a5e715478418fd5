import type { ShellCommand } from '../facts/shell/shell-facts.ts'
import { every, FALSE, TRUE, type TruthValue, truthOf, UNKNOWN } from './truth.ts'

/** What a text of `contains` means on a command: a program with sub-commands and options, in any spelling. */
export interface CommandMeaning {
  readonly program: string
  readonly subcommands: readonly string[]
  readonly flags: readonly string[]
  /** Programs that it must have come through. */
  readonly wrappers: readonly string[]
  /** Other words, folded: each must stand in some word of the command. */
  readonly words: readonly string[]
}

/** Whether a command is one that a text means. */
export function isMeant(meaning: CommandMeaning, command: ShellCommand): TruthValue {
  return every([isProgram, hasSubcommands, hasFlags, hasWords], (test) => test(meaning, command))
}

type MeantTest = (meaning: CommandMeaning, command: ShellCommand) => TruthValue

const isProgram: MeantTest = ({ program, wrappers }, command) => {
  if (command.program === undefined) return UNKNOWN
  return truthOf(command.program === program && wrappers.every((name) => command.wrappers.includes(name)))
}

const hasSubcommands: MeantTest = ({ subcommands }, command) => {
  const has = subcommands.every((name, index) => command.subcommands[index] === name)
  if (has) return TRUE
  const isShort = command.subcommands.length < subcommands.length
  return isShort && command.args.includes(undefined) ? UNKNOWN : FALSE
}

const hasFlags: MeantTest = ({ flags }, command) => {
  if (flags.every((flag) => command.flags.has(flag))) return TRUE
  return command.hasAllFlags ? FALSE : UNKNOWN
}

const hasWords: MeantTest = ({ words }, { args }) => {
  const isDynamic = args.includes(undefined)
  const has = words.every((word) => args.some((arg) => arg?.toLowerCase().includes(word)))
  return has ? TRUE : isDynamic ? UNKNOWN : FALSE
}
