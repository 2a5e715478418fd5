import { effectOfRole } from './effect-of-role.ts'
import type { CommandSpec, OptionSpec, ProgramSpec, WordRole } from './program-spec.ts'
import type { ShellEffectKind } from './shell-facts.ts'

/** An option of a spec with the name under which it is a flag. */
export interface KnownOption {
  readonly option: OptionSpec
  readonly flag: string
}

/** A spec, indexed. */
export interface KnownCommand {
  readonly spec: CommandSpec
  readonly options: ReadonlyMap<string, KnownOption>
  /** The spellings with two dashes. */
  readonly longNames: readonly string[]
  readonly hasSubcommands: boolean
  readonly findSubcommand: (name: string) => KnownCommand | undefined
  /** What its options can make it do; undefined where nobody can say. */
  readonly optionEffects: ReadonlySet<ShellEffectKind> | undefined
  /** True where an option changes the folder that names are taken from. */
  readonly hasFolderOption: boolean
}

/** A program that a spec knows, by the spec's first name. */
export interface KnownProgram extends KnownCommand {
  readonly name: string
}

/** Finds the spec of a program by its name. */
export type FindProgram = (name: string) => KnownProgram | undefined

/** Indexes specs by name; `python3.*` is found for each version, after exact names. Each is read when it is first met. */
export function indexPrograms(specs: readonly ProgramSpec[]): FindProgram {
  const exact = new Map<string, ProgramSpec>()
  const versioned: (readonly [string, ProgramSpec])[] = []
  for (const spec of specs) {
    for (const name of spec.names) {
      if (name.endsWith('*')) versioned.push([name.slice(0, -1), spec])
      else exact.set(name, spec)
    }
  }
  const known = new Map<ProgramSpec, KnownProgram>()
  return (name) => {
    const spec = exact.get(name) ?? versioned.find(([prefix]) => isVersionOf(name, prefix))?.[1]
    if (spec === undefined) return undefined
    const found = known.get(spec) ?? { ...indexCommand(spec, undefined), name: spec.names[0] }
    known.set(spec, found)
    return found
  }
}

function isVersionOf(name: string, prefix: string): boolean {
  return name.startsWith(prefix) && /^[\d.]*$/u.test(name.slice(prefix.length))
}

function indexCommand(spec: CommandSpec, parent: KnownCommand | undefined): KnownCommand {
  const options = new Map<string, KnownOption>()
  // Programs with sub-commands take their own long options after them as well; a short one may mean something else there.
  for (const [name, known] of parent?.options ?? []) if (name.startsWith('--')) options.set(name, known)
  for (const option of spec.options ?? []) {
    const flag = flagOf(option)
    for (const name of option.names) options.set(name, { option, flag })
  }
  const command = describe(spec, options)
  return command.hasSubcommands ? { ...command, findSubcommand: indexSubcommands(spec, command) } : command
}

function describe(spec: CommandSpec, options: ReadonlyMap<string, KnownOption>): KnownCommand {
  return {
    spec,
    options,
    longNames: [...options.keys()].filter((name) => name.startsWith('--')),
    hasSubcommands: spec.subcommands !== undefined || spec.plainSubcommands !== undefined,
    findSubcommand: () => undefined,
    optionEffects: effectsOfOptions(spec),
    hasFolderOption: [...options.values()].some(({ option }) => option.folder === true),
  }
}

function indexSubcommands(spec: CommandSpec, parent: KnownCommand): KnownCommand['findSubcommand'] {
  const specs = new Map<string, CommandSpec>(Object.entries(spec.subcommands ?? {}))
  for (const name of spec.plainSubcommands ?? []) specs.set(name, PLAIN)
  const patterns = [...specs]
    .filter(([name]) => name.includes('*'))
    .map(([name, sub]) => [patternOf(name), sub] as const)
  const known = new Map<CommandSpec, KnownCommand>()
  return (name) => {
    const sub = specs.get(name) ?? patterns.find(([pattern]) => pattern.test(name))?.[1]
    if (sub === undefined) return undefined
    const found = known.get(sub) ?? indexCommand(sub, parent)
    known.set(sub, found)
    return found
  }
}

const PLAIN: CommandSpec = { otherOptions: 'plain' }

function patternOf(name: string): RegExp {
  const parts = name.split('*').map((part) => part.replace(/[^\w-]/gu, String.raw`\$&`))
  return new RegExp(`^${parts.join('.*')}$`, 'su')
}

function flagOf(option: OptionSpec): string {
  const name = option.names.find((each) => each.startsWith('--')) ?? option.names[0] ?? ''
  return name.replace(/^-+(?=.)/u, '').replace(/=$/u, '')
}

function effectsOfOptions({ options = [] }: CommandSpec): ReadonlySet<ShellEffectKind> | undefined {
  const kinds = new Set<ShellEffectKind>()
  for (const option of options) {
    if (option.opaque === true) return undefined
    for (const kind of option.effects ?? []) kinds.add(kind)
    for (const role of rolesOf(option)) {
      const kind = effectOfRole(role)
      if (kind === undefined) return undefined
      kinds.add(kind)
    }
  }
  return kinds
}

/** All that an option can make of words, data aside. */
function rolesOf({ role, operands = {}, values = {} }: OptionSpec): readonly WordRole[] {
  const { first = [], rest, last } = operands
  const all = [role, ...first, rest, last, ...Object.values(values)]
  return all.filter((each) => each !== undefined).filter((each) => each !== 'plain')
}
