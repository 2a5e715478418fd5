// Random models and events, drawn so that they meet: few words, few paths, and all the values that gates trip over.
import * as fc from 'fast-check'
import { ActionEvent, type ActionEventInit } from '../../src/action/action-event.ts'
import { capability } from '../../src/action/capability.ts'
import { capabilityPattern } from '../../src/action/pattern.ts'
import { argPath } from '../../src/policy/arg-path.ts'
import type { ArgTest, Condition, Effect, Limit, LimitField, PolicyModel, Rule } from '../../src/policy/model.ts'
import type { StateReadings } from '../../src/policy/state-terms.ts'

const SEGMENTS = ['fs', 'pay', 'read', 'write', 'prod-1', 'prod-2', 'a', 'b'] as const
const PATTERN_SEGMENTS = [...SEGMENTS, '*', '*', 'prod-*', '*-1', 'p*d-*', 'r*'] as const

export const capabilities: fc.Arbitrary<string> = fc
  .array(fc.constantFrom(...SEGMENTS), { minLength: 3, maxLength: 5 })
  .map((segments) => segments.join('.'))

/** The text of a pattern; narrow ones have three parts. */
export function patterns(reach: 'narrow' | 'wide'): fc.Arbitrary<string> {
  return fc
    .array(fc.constantFrom(...PATTERN_SEGMENTS), { minLength: reach === 'narrow' ? 3 : 1, maxLength: 5 })
    .map((segments) => segments.join('.'))
}

const NUMBERS = [0, 1, 5, -5, 0.1, 0.30000000000000004, 999.99, 1000, 1e-7, 1e21, Number('9007199254740993'), 5e-324]
const TEXTS = [
  '5', '1000', '0001.50', '5,000', '1e3', '-5', 'NaN', 'Infinity', '', ' ', 'rm -rf /', 'RM  -RF', 'ｒｍ\u00a0−rf', 'rm\u200b -rf',
  'staging', 'Straße', 'STRASSE', 'production', `${'9'.repeat(60)}.5`, `1${'0'.repeat(300)}`, 'İ', 'ﬁle', 'e\u0301',
] // prettier-ignore
const scalars = fc.oneof(
  fc.constantFrom(...NUMBERS),
  fc.constantFrom(...TEXTS),
  fc.constantFrom(true, false, null),
  fc.constantFrom(new Date(0), new Uint8Array([1, 2])),
)
const values = fc.oneof(
  { weight: 5, arbitrary: scalars },
  { weight: 1, arbitrary: fc.array(scalars, { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.dictionary(fc.constantFrom('id', 'price', 'amount'), scalars, { maxKeys: 2 }) },
  {
    weight: 1,
    arbitrary: fc.array(fc.dictionary(fc.constantFrom('id', 'price', 'amount'), scalars, { maxKeys: 2 }), {
      maxLength: 3,
    }),
  },
)
const ARG_NAMES = ['amount', 'total', 'note', 'items', 'mode', '__proto__', 'constructor'] as const

const argsObjects: fc.Arbitrary<object> = fc
  .array(fc.tuple(fc.constantFrom(...ARG_NAMES), values), { maxLength: 4 })
  .map((entries) => Object.fromEntries(entries))

const optional = <Value>(of: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> => fc.option(of, { nil: undefined })

export const inits: fc.Arbitrary<ActionEventInit> = fc
  .record({
    capability: capabilities,
    actor: fc.constantFrom('agent', 'ops-1'),
    environment: fc.constantFrom('production', 'staging'),
    risk: fc.constantFrom('low', 'medium', 'high', 'critical'),
    session: optional(fc.constantFrom('s1', 's2')),
    tenant: optional(fc.constantFrom('t1')),
    userRole: optional(fc.constantFrom('admin', 'user')),
    callerDepth: optional(fc.constantFrom(0, 1, 2)),
    tool: optional(fc.constantFrom('transfer', 'fs__read', 'fs__x', 'toString', '__proto__')),
    args: argsObjects,
  })
  .map(({ capability: text, ...rest }) => {
    const [resource = '', action = '', ...scope] = text.split('.')
    return { id: 'event', at: 0, resource, action, scope: scope.join('.'), ...rest }
  })

export const events: fc.Arbitrary<ActionEvent> = inits.map((init) => ActionEvent.create(init))

const comparisons = fc.constantFrom('gt', 'gte', 'lt', 'lte')
const bounds = fc.constantFrom(
  '0',
  '1',
  '5',
  '5.0',
  '1000',
  '999.99',
  '0.3',
  '0.30000000000000004',
  '0.0000001',
  '1000000000000000000000',
  `${'9'.repeat(60)}.5`,
)
const PATHS = [
  'amount',
  'total',
  'note',
  'items',
  'mode',
  'items[*]',
  'items[*].id',
  'items[*].price',
  'items[0]',
  'items[1].id',
  'note.id',
  '__proto__',
  'constructor',
  '["mode"]',
  'toString',
  'note.length',
]

const equalable = fc.oneof(fc.constantFrom(...NUMBERS), fc.constantFrom(...TEXTS), fc.constantFrom(true, false, null))
const tests: fc.Arbitrary<ArgTest> = fc.oneof(
  fc.record({ op: fc.constantFrom('eq' as const, 'ne' as const), value: equalable }),
  fc.record({
    op: fc.constantFrom('in' as const, 'not_in' as const),
    values: fc.array(equalable, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ op: comparisons, value: fc.oneof(bounds, fc.constantFrom('-5', '-0.1')) }),
  fc.record({
    op: fc.constantFrom('contains' as const, 'starts_with' as const, 'ends_with' as const),
    text: fc.constantFrom('rm', 'RM', '-rf', 'ss', ' ', 'e', '5', 'fi'),
  }),
  fc.record({ op: fc.constant('glob' as const), text: fc.constantFrom('*', 'rm*', '*RF*', 'st*ing', '5', '*.50', '') }),
  fc.record({
    op: fc.constant('matches' as const),
    text: fc.constantFrom('rm +-rf', '^[0-9]+$', 'st.*g', 'STR', '[a-z]+', '^$', 'a|rm -rf /'),
  }),
  fc.record({
    op: fc.constant('type' as const),
    types: fc.subarray(['string', 'number', 'boolean', 'null', 'array', 'object'] as const, { minLength: 1 }),
  }),
  fc.record({ op: fc.constant('length_lte' as const), value: fc.constantFrom(0, 1, 5) }),
)
const present: fc.Arbitrary<ArgTest> = fc.record({ op: fc.constant('present' as const), value: fc.boolean() })

/** Conditions without `unless`. */
function flatConditions(withPresent: boolean): fc.Arbitrary<Condition> {
  const anyTest = withPresent ? fc.oneof({ weight: 6, arbitrary: tests }, { weight: 1, arbitrary: present }) : tests
  return fc.oneof(
    fc.record({
      kind: fc.constant('context' as const),
      field: fc.constantFrom(
        'actor' as const,
        'session' as const,
        'environment' as const,
        'tenant' as const,
        'user_role' as const,
        'tool' as const,
      ),
      globs: fc.array(fc.constantFrom('*', 'ops-*', 'agent', 's1', 't*', 'PROD*', 'admin', '*__*'), {
        minLength: 1,
        maxLength: 2,
      }),
    }),
    fc.record({
      kind: fc.constant('risk' as const),
      levels: fc.subarray(['low', 'medium', 'high', 'critical'] as const, { minLength: 1 }),
    }),
    fc.record({
      kind: fc.constant('risk_at_least' as const),
      level: fc.constantFrom('low', 'medium', 'high', 'critical'),
    }),
    fc.record({ kind: fc.constant('caller_depth' as const), op: comparisons, value: fc.constantFrom(0, 1, 2) }),
    fc.record({
      kind: fc.constant('contains' as const),
      texts: fc.array(fc.constantFrom('rm -rf', 'RM', 'ss', '5', 'é', ' '), { minLength: 1, maxLength: 2 }),
    }),
    fc.record({
      kind: fc.constant('amount' as const),
      op: fc.oneof(comparisons, fc.constant('eq' as const)),
      value: bounds,
    }),
    fc.record({
      kind: fc.constant('args' as const),
      path: fc.constantFrom(...PATHS).map(argPath),
      tests: fc.array(anyTest, { minLength: 1, maxLength: 2 }),
    }),
    fc.record({ kind: fc.constant('args_only' as const), names: fc.subarray([...ARG_NAMES]) }),
  )
}

/** An `after` for the reach of the place where it stands. */
function afters(reach: 'narrow' | 'wide'): fc.Arbitrary<Condition> {
  return fc.record({
    kind: fc.constant('after' as const),
    patterns: fc.array(
      patterns(reach).map((text) => capabilityPattern(text, reach)),
      { minLength: 1, maxLength: 2 },
    ),
    withinMs: fc.constantFrom(1000, 60_000),
    by: fc.constantFrom('actor', 'session', 'tenant', 'environment', 'user_role', 'tool', 'all'),
  })
}

export const limits: fc.Arbitrary<Limit> = fc.record({
  sum: fc.constantFrom(null, 'amount', 'total', 'items[*].price'),
  max: fc.constantFrom('0', '1', '5', '1000', '1000.05', '999.99'),
  perMs: fc.constantFrom(1000, 86_400_000),
  by: fc.constantFrom<readonly LimitField[]>([], ['actor'], ['session'], ['actor', 'tenant'], ['capability', 'tool']),
})

/** State that differs from counter to counter and from mark to mark, at a time within the windows of `after`. */
export const readings: fc.Arbitrary<StateReadings> = fc
  .record({
    used: fc.array(optional(fc.constantFrom('0', '0.1', '1', '4', '995', '1000.05', '1e3', '-5')), {
      minLength: 1,
      maxLength: 3,
    }),
    allowed: fc.array(fc.constantFrom('never' as const, undefined, 100_000, 99_000, 40_000, 39_999, 0, 100_001), {
      minLength: 1,
      maxLength: 3,
    }),
  })
  .map(({ used, allowed }) => ({
    now: 100_000,
    used: ({ counter }) => used[Number.parseInt(counter.slice(0, 8), 16) % used.length],
    lastAllowedAt: ({ mark }) => allowed[Number.parseInt(mark.slice(0, 8), 16) % allowed.length],
  }))

function conditions(withPresent: boolean, reach: 'narrow' | 'wide'): fc.Arbitrary<Condition> {
  const flat = flatConditions(withPresent)
  const other = reach === 'wide' ? 'narrow' : 'wide'
  const unless = (inner: fc.Arbitrary<Condition>): fc.Arbitrary<Condition> =>
    fc.record({ kind: fc.constant('unless' as const), conditions: fc.array(inner, { minLength: 1, maxLength: 2 }) })
  return fc.oneof(
    { weight: 8, arbitrary: flat },
    { weight: 2, arbitrary: unless(flat) },
    { weight: 1, arbitrary: unless(unless(flat)) },
    { weight: 1, arbitrary: afters(reach) },
    { weight: 1, arbitrary: unless(fc.oneof(flat, afters(other))) },
  )
}

export interface RuleOptions {
  readonly effects?: readonly Effect[]
  readonly modes?: readonly Rule['mode'][]
  /** Whether `present` may say that an argument's absence is harmless. */
  readonly withPresent?: boolean
}

export function rules(options: RuleOptions = {}): fc.Arbitrary<Omit<Rule, 'id'>> {
  const {
    effects = ['deny', 'require_approval', 'allow', 'allow'],
    modes = ['enforce', 'enforce', 'enforce', 'observe'],
  } = options
  return fc.constantFrom(...effects).chain((effect) => {
    const reach = effect === 'allow' ? 'narrow' : 'wide'
    const pattern = fc
      .oneof(patterns(reach), fc.constantFrom('*.*.*', '*.*.*'))
      .map((text) => capabilityPattern(text, reach))
    return fc
      .record({
        effect: fc.constant(effect),
        patterns: fc.array(pattern, { minLength: 1, maxLength: 2 }),
        conditions: fc.array(conditions(options.withPresent ?? true, reach), { maxLength: 3 }),
        limit: fc.option(limits, { nil: undefined, freq: 3 }),
        mode: fc.constantFrom(...modes),
        unknown: fc.constantFrom('deny', 'deny', 'ask'),
        reason: optional(fc.constant('ask ops first')),
        approval: fc.constant({ expiresInMs: 600_000, quorum: 1, approvers: [] }),
        source: fc.constant({ file: 'random.yaml', line: 1, column: 1 }),
      })
      .map(({ limit, ...rule }) => (limit === undefined ? rule : { ...rule, limit }))
  })
}

/** Rules with ids. */
export function ruleLists(options: RuleOptions = {}): fc.Arbitrary<readonly Rule[]> {
  return fc
    .array(rules(options), { maxLength: 7 })
    .map((list) => list.map((rule, index) => ({ ...rule, id: `${rule.effect}[${String(index)}]` })))
}

const anywhere = capability('pay.write.a')
const TOOLS: PolicyModel['tools'] = new Map([
  ['transfer', { capability: anywhere, amount: 'total' }],
  ['fs__*', { capability: anywhere }],
  ['fs__r*', { capability: anywhere, amount: 'items[*].price' }],
])

export function modelOf(list: readonly Rule[], mode: PolicyModel['mode'] = 'enforce'): PolicyModel {
  return { mode, tools: TOOLS, approvers: undefined, maxPendingPerActor: 100, rules: list }
}

export function models(options: RuleOptions = {}): fc.Arbitrary<PolicyModel> {
  return ruleLists(options).map((list) => modelOf(list))
}
