import { type PathReadings, pathsOf } from '../bound-facts.ts'
import type { EventFacts } from '../event-facts.ts'
import type { Condition } from '../model.ts'
import { removesWhole } from '../removing.ts'
import { every, type TruthValue, UNKNOWN } from '../truth.ts'
import { type CompiledCondition, type ConditionPlace, listed, type Why } from './condition.ts'
import { folderTest, type FolderTest } from './folder-test.ts'
import { noArgument, overParts, partsWhy, unreadArgument } from './readings.ts'

/** Where the paths of an event are: some of them in the wide reach, every one in the narrow. */
export function pathCondition(
  condition: Extract<Condition, { kind: 'path' }>,
  place: ConditionPlace,
): CompiledCondition {
  const { under, outside } = condition
  const tests: FolderTest[] = []
  if (under !== undefined) tests.push(folderTest(under, 'under', place))
  if (outside !== undefined) tests.push(folderTest(outside, 'outside', place))
  const judge: Judge = (path, { event }) => {
    const whole = removesWhole(event) ? 'whole' : undefined
    return every(tests, (test) => test(path, whole))
  }
  return {
    name: 'path',
    cost: 5,
    inner: [],
    test: (facts) => {
      const paths = pathsOf(facts, place)
      return paths.length === 0
        ? UNKNOWN
        : overParts({ values: paths.map((path) => judge(path, facts)), hasUnread: false }, place.reach)
    },
    why: (facts, truth) => pathWhy(facts, truth, { condition, place, judge }),
  }
}

type Judge = (path: PathReadings, facts: EventFacts) => TruthValue

interface Explained {
  readonly condition: Extract<Condition, { kind: 'path' }>
  readonly place: ConditionPlace
  readonly judge: Judge
}

function pathWhy(facts: EventFacts, truth: TruthValue, { condition, place, judge }: Explained): Why {
  const paths = pathsOf(facts, place)
  if (paths.length === 0) return noArgument('path', facts, place)
  if (truth !== UNKNOWN) {
    return partsWhy({ truth, reach: place.reach }, { noun: 'path', what: `is ${sidesText(condition)}` })
  }
  const stuck = paths.find((path) => judge(path, facts) === UNKNOWN)
  return unreadArgument(stuck?.name ?? '', stuck === undefined ? '' : whyUnread(stuck))
}

function sidesText({ under = [], outside = [] }: Explained['condition']): string {
  return [
    ...(under.length === 0 ? [] : [`under ${listed(under)}`]),
    ...(outside.length === 0 ? [] : [`outside ${listed(outside)}`]),
  ].join(' and ')
}

function whyUnread({ facts, asWritten }: PathReadings): string {
  const unread = facts.kind === 'opaque' ? facts : asWritten
  return unread.kind === 'opaque' ? unread.why : 'a folder of the rule cannot be looked at'
}
