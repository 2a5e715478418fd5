// A second evaluator, written straight from the specification and slow on purpose. It shares nothing with the real one
// but the types of the model: not the index, not the folding, not the decimals, not the regular expressions.
import { createHash } from 'node:crypto'
import type { ActionEvent } from '../../src/action/action-event.ts'
import type { Json } from '../../src/kernel/json.ts'
import type { ArgPath, ArgTest, Condition, Limit, LimitField, PolicyModel, Rule } from '../../src/policy/model.ts'
import type { Truth } from '../../src/policy/ruling.ts'
import type { StateReadings } from '../../src/policy/state-terms.ts'

/** What must agree with the real ruling. The deciding rule is not in it; the sets are sorted. */
export interface NaiveRuling {
  readonly decision: string
  readonly code: string
  readonly rules: readonly string[]
  readonly observed: readonly string[]
  readonly asking: readonly string[]
}

export function naiveEvaluate(model: PolicyModel, event: ActionEvent, readings?: StateReadings): NaiveRuling {
  const found = model.rules
    .filter((rule) => rule.patterns.some((pattern) => naiveCovers(pattern, event.capability, rule.effect === 'allow')))
    .map((rule) => ({ rule, truth: naiveRule(rule, event, { model, readings, stops: rule.effect !== 'allow' }) }))
  const ruling = found.filter(({ rule }) => rule.mode === 'enforce')
  const pick = (test: (rule: Rule, truth: Truth) => boolean): string[] =>
    ruling.filter(({ rule, truth }) => test(rule, truth)).map(({ rule }) => rule.id)
  const denied = pick((rule, truth) => rule.effect === 'deny' && truth === 'true')
  const doubted = pick((rule, truth) => rule.effect === 'deny' && truth === 'unknown' && rule.unknown === 'deny')
  const asked = pick((rule, truth) => rule.effect === 'require_approval' && truth === 'true')
  const askedInDoubt = pick(
    (rule, truth) =>
      truth === 'unknown' && (rule.effect === 'require_approval' || (rule.effect === 'deny' && rule.unknown === 'ask')),
  )
  const allowed = pick((rule, truth) => rule.effect === 'allow' && truth === 'true')
  const observed = found
    .filter(
      ({ rule, truth }) =>
        rule.mode === 'observe' && (truth === 'true' || (truth === 'unknown' && rule.effect !== 'allow')),
    )
    .map(({ rule }) => rule.id)
    .toSorted()
  const answer = (decision: string, code: string, rules: string[]): NaiveRuling => ({
    decision,
    code,
    rules: rules.toSorted(),
    observed,
    asking:
      decision === 'require_approval'
        ? [...asked.map((id) => `${id} for certain`), ...askedInDoubt.map((id) => `${id} in doubt`)].toSorted()
        : [],
  })
  if (denied.length > 0) return answer('deny', 'policy_deny', denied)
  if (doubted.length > 0) return answer('deny', 'policy_deny_unknown', doubted)
  if (asked.length > 0) return answer('require_approval', 'policy_ask', [...asked, ...askedInDoubt])
  if (askedInDoubt.length > 0) return answer('require_approval', 'policy_ask_unknown', askedInDoubt)
  if (allowed.length > 0) return answer('allow', 'policy_allow', allowed)
  const exhausted = pick((rule) => {
    if (rule.effect !== 'allow' || rule.limit === undefined) return false
    const place = { model, readings, stops: false }
    const { limit, ...unlimited } = rule
    return naiveRule(unlimited, event, place) === 'true' && naiveExceeds(rule.id, limit, { event, place }) === 'true'
  })
  return exhausted.length > 0 ? answer('deny', 'limit_exhausted', exhausted) : answer('deny', 'policy_default', [])
}

// Three parts, split at the first two dots; the scope by segment.
export function naiveCovers(pattern: string, capability: string, isAllow: boolean): boolean {
  const [resource = '', action = '', ...scope] = pattern.split('.')
  const [hasResource = '', hasAction = '', ...hasScope] = capability.split('.')
  if (!naiveGlob(resource, hasResource) || !naiveGlob(action, hasAction)) return false
  if (scope.join('.') === '*') return true
  if (isAllow && scope.length !== hasScope.length) return false
  return scope.every((segment, index) => hasScope[index] !== undefined && naiveGlob(segment, hasScope[index]))
}

function naiveGlob(glob: string, text: string): boolean {
  const source = glob
    .split('*')
    .map((part) => part.replace(/[^a-z0-9]/gi, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`))
  return new RegExp(`^${source.join('[^]*')}$`).test(text)
}

function naiveRule(rule: Rule, event: ActionEvent, place: Place): Truth {
  const limit = rule.limit === undefined ? 'false' : naiveExceeds(rule.id, rule.limit, { event, place })
  return and([
    ...rule.conditions.map((condition) => naiveCondition(condition, event, place)),
    ...(rule.limit === undefined ? [] : [rule.effect === 'allow' ? not(limit) : limit]),
  ])
}

interface Asked {
  readonly event: ActionEvent
  readonly place: Place
}

/** What an event is charged to: rule, counter, and what it adds. */
export function naiveCharges(model: PolicyModel, event: ActionEvent, readings: StateReadings): readonly string[] {
  return model.rules.flatMap(({ limit, ...rule }) => {
    const place = { model, readings, stops: rule.effect !== 'allow' }
    const covers = rule.patterns.some((pattern) => naiveCovers(pattern, event.capability, rule.effect === 'allow'))
    if (limit === undefined || !covers || naiveRule(rule, event, place) === 'false') return []
    const counter = naiveCounter(rule.id, limit, event)
    const charge = naiveCharge(limit, { event, place })
    return counter === undefined || charge === undefined ? [] : [`${rule.id} ${counter} ${String(charge)}`]
  })
}

function naiveExceeds(rule: string, limit: Limit, asked: Asked): Truth {
  const counter = naiveCounter(rule, limit, asked.event)
  const charge = naiveCharge(limit, asked)
  if (counter === undefined || charge === undefined) return 'unknown'
  const used = asked.place.readings?.used({ rule, counter, perMs: limit.perMs, max: limit.max, charge: undefined })
  return used === undefined || !isPlain(used) ? 'unknown' : truth(units(used) + charge > units(limit.max))
}

function naiveCharge({ sum }: Limit, { event, place }: Asked): bigint | undefined {
  if (sum === null) return units('1')
  const bound = event.tool === undefined ? undefined : naiveBinding(place.model, event.tool)
  const values = naiveRead(event.args, sum === 'amount' ? (bound ?? naivePath('amount')) : naivePath(sum))
  const amounts = values.map(naiveUnits)
  const total = amounts.reduce<bigint>((all, amount) => all + (amount ?? 0n), 0n)
  return amounts.length === 0 || amounts.includes(undefined) || isLong(total) ? undefined : total
}

function naiveUnits(value: Json | undefined): bigint | undefined {
  if (typeof value === 'number') return value >= 0 ? units(numberText(value)) : undefined
  return typeof value === 'string' && isPlain(value) ? units(value) : undefined
}

function isPlain(text: string): boolean {
  return /^[0-9]+([.][0-9]+)?$/.test(text) && text.length <= 256
}

// A sum that is no plain decimal of up to 256 characters is too long.
function isLong(total: bigint): boolean {
  const fraction = String(total % 10n ** 400n)
    .padStart(400, '0')
    .replace(/0+$/, '')
  return `${String(total / 10n ** 400n)}${fraction && `.${fraction}`}`.length > 256
}

function naiveCounter(rule: string, { perMs, sum, by }: Limit, event: ActionEvent): string | undefined {
  const values = by.map((field) => [field, naiveField(field, event)])
  if (values.some(([, value]) => value === undefined)) return undefined
  return sha256(['limit', rule, perMs, sum, values])
}

function naiveField(field: LimitField, event: ActionEvent): string | undefined {
  return field === 'user_role' ? event.userRole : event[field]
}

function naiveAfter({ patterns, withinMs, by }: Asks<'after'>, { event, place }: Asked): Truth {
  const value = by === 'all' ? null : naiveField(by, event)
  const { readings, stops } = place
  if (value === undefined || readings === undefined) return 'unknown'
  return or(
    patterns.map((pattern) => {
      const mark = sha256([sha256(['after', pattern, stops ? 'wide' : 'narrow', by]), value])
      const at = readings.lastAllowedAt({ mark, withinMs })
      if (at === undefined || (at !== 'never' && at > readings.now && !stops)) return 'unknown'
      return truth(at !== 'never' && readings.now - at <= withinMs)
    }),
  )
}

// Of texts, numbers and lists alone, so this is their canonical form.
function sha256(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex')
}

interface Place {
  readonly model: PolicyModel
  readonly readings: StateReadings | undefined
  /** Whether being true stops or asks: then *some*, else *every*. */
  readonly stops: boolean
}

function naiveCondition(condition: Condition, event: ActionEvent, place: Place): Truth {
  switch (condition.kind) {
    case 'contains':
      return naiveContains(condition.texts, event, place)
    case 'amount':
      return naiveAmount(condition, event, place)
    case 'args':
      return naiveArgs(condition.path, condition.tests, { event, stops: place.stops })
    case 'args_only':
      return truth(Object.keys(event.args).every((name) => condition.names.includes(name)))
    case 'after':
      return naiveAfter(condition, { event, place })
    case 'unless':
      return not(
        and(condition.conditions.map((each) => naiveCondition(each, event, { ...place, stops: !place.stops }))),
      )
    default:
      return naiveContext(condition as Asks<'context' | 'risk' | 'risk_at_least' | 'caller_depth'>, event)
  }
}

type Asks<Kind extends Condition['kind']> = Extract<Condition, { kind: Kind }>

function naiveContext(
  condition: Asks<'context' | 'risk' | 'risk_at_least' | 'caller_depth'>,
  event: ActionEvent,
): Truth {
  switch (condition.kind) {
    case 'context': {
      const value = condition.field === 'user_role' ? event.userRole : event[condition.field]
      if (value === undefined) return 'unknown'
      return truth(
        condition.globs.some((glob) => naiveGlob(condition.field === 'environment' ? glob.toLowerCase() : glob, value)),
      )
    }
    case 'risk':
      return truth(condition.levels.includes(event.risk))
    case 'risk_at_least': {
      const levels = ['low', 'medium', 'high', 'critical']
      return truth(levels.indexOf(event.risk) >= levels.indexOf(condition.level))
    }
    case 'caller_depth':
      return event.callerDepth === undefined
        ? 'unknown'
        : compare(String(event.callerDepth), condition.op, String(condition.value))
    default:
      return condition satisfies never
  }
}

function naiveContains(wanted: readonly string[], event: ActionEvent, { stops }: Place): Truth {
  const found: Truth[] = []
  const visit = (value: Json): void => {
    if (typeof value === 'string') found.push(truth(wanted.some((text) => naiveFold(value).includes(naiveFold(text)))))
    else if (Array.isArray(value)) value.forEach(visit)
    else if (typeof value === 'object' && value !== null) {
      const object = value as { readonly [key: string]: Json }
      if (!Object.hasOwn(object, '$capfence')) Object.values(object).forEach(visit)
      else if (object['$capfence'] === 'date') visit(object['value'] ?? '')
      else found.push('unknown')
    }
  }
  visit(event.args)
  if (found.length === 0) return 'false'
  return stops ? or(found) : and(found)
}

function naiveAmount(
  condition: Extract<Condition, { kind: 'amount' }>,
  event: ActionEvent,
  { model, stops }: Place,
): Truth {
  const bound = event.tool === undefined ? undefined : naiveBinding(model, event.tool)
  const values = naiveRead(event.args, bound ?? naivePath('amount'))
  if (values.length === 0) return 'unknown'
  const found = values.map((value): Truth => {
    if (typeof value === 'number' && value >= 0) return compare(numberText(value), condition.op, condition.value)
    if (typeof value === 'string' && isPlain(value)) return compare(value, condition.op, condition.value)
    return 'unknown'
  })
  return stops ? or(found) : and(found)
}

// The models of the tests bind an amount to one key or to `items[*].price`.
function naiveBinding(model: PolicyModel, tool: string): ArgPath | undefined {
  const keys = [...model.tools.keys()].filter((key) => naiveGlob(key, tool))
  const best = keys.includes(tool) ? tool : keys.toSorted((a, b) => b.indexOf('*') - a.indexOf('*'))[0]
  const text = best === undefined ? undefined : model.tools.get(best)?.amount
  return text === undefined ? undefined : naivePath(text)
}

function naivePath(text: string): ArgPath {
  if (text === 'items[*].price')
    return { text, steps: [{ kind: 'key', key: 'items' }, { kind: 'any' }, { kind: 'key', key: 'price' }] }
  return { text, steps: [{ kind: 'key', key: text }] }
}

function naiveRead(value: Json | undefined, path: ArgPath): readonly (Json | undefined)[] {
  const [step, ...rest] = path.steps
  if (step === undefined) return [value]
  const next = (inner: Json | undefined): readonly (Json | undefined)[] => naiveRead(inner, { ...path, steps: rest })
  if (step.kind === 'any') return Array.isArray(value) ? (value as Json[]).flatMap(next) : next(undefined)
  if (step.kind === 'index') return next(Array.isArray(value) ? (value as Json[])[step.index] : undefined)
  const isObject =
    typeof value === 'object' && value !== null && !Array.isArray(value) && !Object.hasOwn(value, '$capfence')
  return next(isObject ? new Map(Object.entries(value)).get(step.key) : undefined)
}

function naiveArgs(
  path: ArgPath,
  tests: readonly ArgTest[],
  { event, stops }: { readonly event: ActionEvent; readonly stops: boolean },
): Truth {
  const judge = (value: Json | undefined): Truth => and(tests.map((test) => naiveTest(value, test, stops)))
  const values = naiveRead(event.args, path)
  if (values.length > 0) return stops ? or(values.map(judge)) : and(values.map(judge))
  const ofNothing = judge(undefined)
  return stops && ofNothing === 'unknown' ? 'false' : ofNothing
}

function naiveTest(value: Json | undefined, test: ArgTest, stops: boolean): Truth {
  if (test.op === 'present') return truth((value !== undefined) === test.value)
  if (value === undefined) return 'unknown'
  if ('text' in test) return naiveText(value, test, stops)
  if ('types' in test) return truth(test.types.some((type) => type === naiveType(value)))
  if ('values' in test) return naiveOneOf(value, test.values, test.op === 'in')
  switch (test.op) {
    case 'eq':
    case 'ne':
      return naiveOneOf(value, [test.value], test.op === 'eq')
    case 'length_lte':
      return naiveLength(value, test.value)
    default:
      return typeof value === 'number' ? compare(numberText(value), test.op, test.value) : 'unknown'
  }
}

function naiveOneOf(value: Json, wanted: readonly Json[], isIn: boolean): Truth {
  const found = or(wanted.map((each) => naiveEqual(value, each)))
  return isIn ? found : not(found)
}

function naiveLength(value: Json, most: number): Truth {
  if (typeof value === 'string') return truth(Array.from(value).length <= most)
  return Array.isArray(value) ? truth(value.length <= most) : 'unknown'
}

function naiveText(value: Json, { op, text }: Extract<ArgTest, { text: string }>, stops: boolean): Truth {
  if (typeof value !== 'string') return 'unknown'
  if (op === 'matches') {
    if (!stops) return truth(new RegExp(`^(?:${text})$`, 'u').test(value))
    return truth(
      [value, naiveFold(value, 'keep case'), naiveFold(value)].some((form) => new RegExp(text, 'u').test(form)),
    )
  }
  const fits = (whole: string, part: string): boolean =>
    op === 'contains'
      ? whole.includes(part)
      : op === 'starts_with'
        ? whole.startsWith(part)
        : op === 'ends_with'
          ? whole.endsWith(part)
          : naiveGlob(part, whole)
  return truth(fits(value, text) || (stops && naiveFold(text) !== '' && fits(naiveFold(value), naiveFold(text))))
}

function naiveEqual(value: Json, wanted: Json): Truth {
  if (naiveType(value) !== naiveType(wanted)) return 'unknown'
  return truth(JSON.stringify(value) === JSON.stringify(wanted))
}

function naiveType(value: Json): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
}

// NFKC, ignorable characters removed, white space one blank, case folded; again until nothing changes.
export function naiveFold(text: string, mode: 'fold' | 'keep case' = 'fold'): string {
  let before
  let after = text
  do {
    before = after
    if (mode === 'fold') after = after.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ')
    after = Array.from(after.normalize('NFKC'))
      .filter((unit) => !/\p{Default_Ignorable_Code_Point}/u.test(unit))
      .join('')
    after = after.replace(/\p{White_Space}+/gu, ' ')
  } while (after !== before)
  return after
}

// Exactly, in units of 10^-400.
export function units(text: string): bigint {
  const minus = text.startsWith('-')
  const [whole = '', fraction = ''] = text.replace('-', '').split('.')
  const size = BigInt(whole + fraction.padEnd(400, '0'))
  return minus ? -size : size
}

function compare(left: string, op: 'gt' | 'gte' | 'lt' | 'lte' | 'eq', right: string): Truth {
  const difference = units(left) - units(right)
  const holds = {
    gt: difference > 0n,
    gte: difference >= 0n,
    lt: difference < 0n,
    lte: difference <= 0n,
    eq: difference === 0n,
  }
  return truth(holds[op])
}

function numberText(value: number): string {
  const [digits = '', exponent = '0'] = String(value).split('e')
  const minus = digits.startsWith('-') ? '-' : ''
  const [whole = '', fraction = ''] = digits.replace('-', '').split('.')
  const point = whole.length + Number(exponent)
  const padded = '0'.repeat(400) + whole + fraction + '0'.repeat(400)
  return `${minus}${padded.slice(0, 400 + point)}.${padded.slice(400 + point, 400 + point + 400)}`
}

function truth(claim: boolean): Truth {
  return claim ? 'true' : 'false'
}

function not(value: Truth): Truth {
  return value === 'unknown' ? 'unknown' : truth(value === 'false')
}

function and(values: readonly Truth[]): Truth {
  return values.includes('false') ? 'false' : values.includes('unknown') ? 'unknown' : 'true'
}

function or(values: readonly Truth[]): Truth {
  return not(and(values.map(not)))
}
