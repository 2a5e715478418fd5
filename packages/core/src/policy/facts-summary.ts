import type { FactWords } from '../action/plan.ts'
import type { ShellFacts } from '../facts/shell/shell-facts.ts'
import type { UrlFacts } from '../facts/url/url-facts.ts'
import { commandsOf, pathsOf, type ReadingPlace, sqlOf, urlsOf } from './bound-facts.ts'
import type { EventFacts } from './event-facts.ts'

/** Schemes that are told by name: any other could be a text of the agent's. */
const SCHEMES: ReadonlySet<string> = new Set(['http', 'https', 'ws', 'wss', 'ftp', 'ssh', 'git', 'file'])
/** The most reasons why something could not be read. */
const MAX_REASONS = 8
const OPAQUE = 'opaque: '

/**
 * What an event's arguments were found to mean: effects, kinds of statements, schemes, classes of hosts, and why something
 * could not be read. It holds nothing of the arguments' own text, and depends on nothing else. Undefined where no argument
 * is judged by what it means.
 */
export function factWords(facts: EventFacts, place: ReadingPlace): FactWords | undefined {
  const commands = commandsOf(facts, place)
  const sql = sqlOf(facts, place)
  const paths = pathsOf(facts, place)
  const urls = urlsOf(facts, place)
  if (commands.length + sql.length + paths.length + urls.length === 0) return undefined
  return {
    ...(commands.length === 0 ? {} : { shell: sorted(commands.flatMap((each) => commandWords(each.facts))) }),
    ...(sql.length === 0
      ? {}
      : {
          sql: sorted(
            sql.flatMap(({ facts: { statements, opaque } }) => [
              ...statements.flatMap(({ kind, effects }) => [`kind: ${kind}`, ...effects]),
              ...reasons(opaque),
            ]),
          ),
        }),
    ...(paths.length === 0 ? {} : { path: sorted(paths.flatMap((each) => pathWords(each.facts))) }),
    ...(urls.length === 0 ? {} : { url: sorted(urls.flatMap((each) => urlWords(each.facts))) }),
  }
}

function commandWords({ commands, effects, opaque }: ShellFacts): readonly string[] {
  const all = [...effects, ...commands.flatMap((command) => command.effects)]
  return [...all.map(({ kind }) => kind), ...reasons(opaque.map(({ why }) => why))]
}

function pathWords(facts: Opaque | { readonly kind: 'path'; readonly isResolved: boolean }): readonly string[] {
  if (facts.kind === 'opaque') return reasons([facts.why])
  return [facts.isResolved ? 'resolved' : 'as written']
}

function urlWords(facts: UrlFacts): readonly string[] {
  if (facts.kind === 'opaque') return reasons([facts.why])
  return [`scheme: ${SCHEMES.has(facts.scheme) ? facts.scheme : 'other'}`, `host: ${facts.hostClass}`]
}

interface Opaque {
  readonly kind: 'opaque'
  readonly why: string
}

function reasons(why: readonly string[]): readonly string[] {
  return sorted(why)
    .slice(0, MAX_REASONS)
    .map((each) => `${OPAQUE}${each}`)
}

// The order of an event's parts is of no account here, and one event must always give the same words.
function sorted(words: readonly string[]): readonly string[] {
  return [...new Set(words)].toSorted()
}
