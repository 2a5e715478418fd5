import { globMatches, type Reach } from '../../action/pattern.ts'
import type { UrlFacts } from '../../facts/url/url-facts.ts'
import { type UrlReading, urlsOf } from '../bound-facts.ts'
import type { EventFacts } from '../event-facts.ts'
import type { Condition, UrlKeys } from '../model.ts'
import { every, type TruthValue, truthOf, UNKNOWN } from '../truth.ts'
import type { CompiledCondition, ConditionPlace, Why } from './condition.ts'
import { keysText, noArgument, overParts, partsWhy, unreadArgument } from './readings.ts'

/** What the URLs of an event name: some of them in the wide reach, every one in the narrow. All keys hold on one URL. */
export function urlCondition(condition: Extract<Condition, { kind: 'url' }>, place: ConditionPlace): CompiledCondition {
  const tests = urlTests(condition, place.reach)
  const judge = ({ facts }: UrlReading): TruthValue =>
    facts.kind === 'opaque' ? UNKNOWN : every(tests, (test) => test(facts))
  return {
    name: 'url',
    cost: 5,
    inner: [],
    test: (facts) => {
      const urls = urlsOf(facts, place)
      return urls.length === 0 ? UNKNOWN : overParts({ values: urls.map(judge), hasUnread: false }, place.reach)
    },
    why: (facts, truth) => urlWhy(facts, truth, { condition, place }),
  }
}

type ReadUrlFacts = Extract<UrlFacts, { kind: 'url' }>
type UrlTest = (url: ReadUrlFacts) => TruthValue

function urlTests({ schemes, hosts, host_class: classes, ports }: UrlKeys, reach: Reach): readonly UrlTest[] {
  const tests: UrlTest[] = []
  if (schemes !== undefined) tests.push(({ scheme }) => truthOf(schemes.includes(scheme)))
  if (classes !== undefined) tests.push(({ hostClass }) => truthOf(classes.includes(hostClass)))
  if (ports !== undefined) tests.push(({ port }) => truthOf(port === undefined ? undefined : ports.includes(port)))
  if (hosts !== undefined) {
    const globs = hosts.map((glob) => hostTest(glob, reach))
    tests.push(({ host }) => truthOf(globs.some((matches) => matches(host))))
  }
  return tests
}

// By label. A first label `*` is one label where being true lets through, and one or more where it stops.
function hostTest(glob: string, reach: Reach): (host: string) => boolean {
  const wanted = glob.split('.')
  const isDeep = reach === 'wide' && wanted[0] === '*'
  return (host) => {
    const labels = host.split('.')
    const deeper = labels.length - wanted.length
    if (deeper < 0 || host === '' || (deeper > 0 && !isDeep)) return false
    return wanted.every((label, index) => globMatches(label, labels[index + deeper] ?? ''))
  }
}

interface Explained {
  readonly condition: Extract<Condition, { kind: 'url' }>
  readonly place: ConditionPlace
}

function urlWhy(facts: EventFacts, truth: TruthValue, { condition, place }: Explained): Why {
  const urls = urlsOf(facts, place)
  if (urls.length === 0) return noArgument('url', facts, place)
  if (truth !== UNKNOWN)
    return partsWhy({ truth, reach: place.reach }, { noun: 'URL', what: `is ${keysText(condition)}` })
  const stuck = urls.find((url) => url.facts.kind === 'opaque') ?? urls[0]
  const why = stuck?.facts.kind === 'opaque' ? stuck.facts.why : 'its port is not known'
  return unreadArgument(stuck?.name ?? '', why)
}
