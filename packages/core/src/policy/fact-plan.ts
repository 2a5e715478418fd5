import type { Plan } from '../action/plan.ts'
import type { Json } from '../kernel/json.ts'
import { commandsOf, pathsOf, type ReadingPlace, urlsOf } from './bound-facts.ts'
import type { EventFacts } from './event-facts.ts'

/** One reading of an argument: what it comes to, or undefined where it could not be read. */
interface Come {
  readonly name: string
  readonly to: string | undefined
}

/**
 * What should run in place of the arguments as they were written. Made from the very readings that the rules judge; an
 * argument that could not be read, in whole or in part, is left out. It depends on the tool's binding alone, never on
 * which rules there are, so that an approval outlives a change of the policy that does not concern it.
 */
export function factPlan(facts: EventFacts, place: ReadingPlace): Plan | undefined {
  const [command, ...others] = commandsOf(facts, place)
  const argv = others.length === 0 ? command?.facts.argv : undefined
  const { args } = facts.event
  const paths = byName(
    pathsOf(facts, place).map(({ name, facts: path }) => ({ name, to: path.kind === 'path' ? path.path : undefined })),
    args,
  )
  const urls = byName(
    urlsOf(facts, place).map(({ name, facts: url }) => ({ name, to: url.kind === 'url' ? url.href : undefined })),
    args,
  )
  if (argv === undefined && paths === undefined && urls === undefined) return undefined
  return {
    ...(argv === undefined ? {} : { argv }),
    ...(paths === undefined ? {} : { paths }),
    ...(urls === undefined ? {} : { urls }),
  }
}

function byName(
  all: readonly Come[],
  args: Readonly<Record<string, Json>>,
): Readonly<Record<string, string | readonly string[]>> | undefined {
  const found: [string, string | readonly string[]][] = []
  for (const name of new Set(all.map((each) => each.name))) {
    const values = all.filter((each) => each.name === name).map(({ to }) => to)
    const read = values.filter((value) => value !== undefined)
    const [first] = read
    if (first === undefined || read.length < values.length) continue
    found.push([name, Array.isArray(args[name]) ? read : first])
  }
  // `fromEntries` defines, so `__proto__` stays a name like any other.
  return found.length === 0 ? undefined : Object.fromEntries(found)
}
