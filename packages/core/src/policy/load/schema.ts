// The policy file as a schema. What one value must be stands in texts.ts; what needs two, where the model is built.
import * as z from 'zod'
import { RISKS } from '../../action/action-event.ts'
import type { Effect } from '../model.ts'
import type { RawConditions, RawFile, RawRule } from './raw-policy.ts'
import { approvalSchema } from './schema-approval.ts'
import { examplesSchema } from './schema-examples.ts'
import { argsSchema } from './schema-matcher.ts'
import { pathPrefixSchema, pathSchema, shellSchema, sqlSchema, urlSchema } from './schema-meaning.ts'
import { closed, decimal, filled, oneOrMany, text, UNPADDED } from './schema-parts.ts'
import { afterSchema, limitSchema } from './schema-state.ts'
import { toolSchema } from './schema-tool.ts'
import { keyOf } from './source-node.ts'
import {
  checkAmount,
  checkApproverName,
  checkArgName,
  checkContains,
  checkContextGlob,
  checkDuration,
  checkEnvironmentGlob,
  checkExtends,
  checkPattern,
  checkReason,
  checkRuleId,
  MAX_REASON,
  RULE_ID,
} from './texts.ts'
import { checkVkey } from './vkey.ts'

const NOT_YET = 'is not supported yet'
const NO_TEXT = 'cannot stand where being true lets through: that a text is found proves nothing'
const NO_CONTAINS = { contains: NO_TEXT, contains_literal: NO_TEXT }
const NO_LIMIT = { limit: 'cannot stand in `unless`: what is limited is the rule, so write it beside `unless`' }
const MODES = ['enforce', 'observe'] as const

const glob = (what: string): z.ZodType<string | string[]> =>
  oneOrMany(text(checkContextGlob, UNPADDED), `Glob over the ${what}`)
const depth = z.number().int().min(0).max(1_000_000)
const amount = (what: string): ReturnType<typeof decimal> => decimal(checkAmount, `The amount is ${what}, exactly`)

const conditions = {
  actor: glob("actor's name").optional(),
  session: glob('session').optional(),
  environment: oneOrMany(
    text(checkEnvironmentGlob, { pattern: '^[A-Za-z0-9_.*-]+$' }),
    'Glob over the environment',
  ).optional(),
  tenant: glob('tenant').optional(),
  user_role: glob("user's role").optional(),
  tool: glob("tool's name").optional(),
  risk: oneOrMany(z.enum(RISKS), 'The risk is one of these').optional(),
  risk_at_least: z.enum(RISKS).meta({ description: 'This risk, or above' }).optional(),
  caller_depth_gt: depth.optional(),
  caller_depth_gte: depth.optional(),
  caller_depth_lt: depth.optional(),
  caller_depth_lte: depth.optional(),
  amount_gt: amount('greater').optional(),
  amount_gte: amount('greater or equal').optional(),
  amount_lt: amount('less').optional(),
  amount_lte: amount('less or equal').optional(),
  amount_eq: amount('equal').optional(),
  args: argsSchema.optional(),
  args_only: z
    .array(text(checkArgName, { minLength: 1 }))
    .min(1)
    .meta({ description: 'There is no other argument' })
    .optional(),
  path: pathSchema.optional(),
  path_prefix: pathPrefixSchema.optional(),
  url: urlSchema.optional(),
}
const wideMeaning = {
  contains: oneOrMany(
    text(checkContains, { pattern: '\\S' }),
    'A text in any string of the arguments, folded; in a command or SQL, what it means',
  ).optional(),
  contains_literal: oneOrMany(
    text(checkContains, { pattern: '\\S' }),
    'A text in any string of the arguments, folded, whatever it means',
  ).optional(),
  shell: shellSchema('wide').optional(),
  sql: sqlSchema('wide').optional(),
}
const narrowMeaning = { shell: shellSchema('narrow').optional(), sql: sqlSchema('narrow').optional() }

const WIDE_PATTERN = '^[A-Za-z0-9_*-]+(\\.[A-Za-z0-9_*-]+)*$'
const NARROW_PATTERN = '^[A-Za-z0-9_*-]+(\\.[A-Za-z0-9_*-]+){2,}$'
const wideAfter = afterSchema('wide', WIDE_PATTERN).optional()
const narrowAfter = afterSchema('narrow', NARROW_PATTERN).optional()

// `unless` turns what stops into what lets through, and back.
const stopping: z.ZodType<RawConditions> = z.lazy(() =>
  filled(closed({ ...conditions, ...wideMeaning, after: wideAfter, unless: letting.optional() }, NO_LIMIT), {
    id: 'stoppingConditions',
  }),
)
const letting: z.ZodType<RawConditions> = z.lazy(() =>
  filled(
    closed(
      { ...conditions, ...narrowMeaning, after: narrowAfter, unless: stopping.optional() },
      { ...NO_CONTAINS, ...NO_LIMIT },
    ),
    { id: 'lettingConditions' },
  ),
)

const common = {
  id: text(checkRuleId, {
    description: 'Unique; by default the list and the place, `deny[0]`',
    pattern: RULE_ID.source,
  }).optional(),
  reason: text(checkReason, {
    description: 'Told to people and to the model',
    pattern: '\\S',
    maxLength: MAX_REASON,
  }).optional(),
  mode: z.enum(MODES).meta({ description: '`observe`: only recorded where it would fire' }).optional(),
  examples: examplesSchema.optional(),
  limit: limitSchema.optional(),
  ...conditions,
}
const widePattern = text(checkPattern('wide'), { pattern: WIDE_PATTERN })
const narrowPattern = text(checkPattern('narrow'), { pattern: NARROW_PATTERN })
const wide = oneOrMany(widePattern, 'Patterns; missing parts are `*`, deeper scopes are covered')
const narrow = oneOrMany(narrowPattern, 'Patterns of all three parts; the scope matches exactly')
const unknown = z.enum(['deny', 'ask']).meta({ description: 'What an unknown condition does' })

const NO_APPROVAL = 'belongs to `require_approval`, or to a `deny` with `unknown: ask`'
const NO_UNKNOWN = 'belongs to a `deny`'

/** The rules of each list. */
export const ruleSchemas: Readonly<Record<Effect, z.ZodType<RawRule>>> = {
  deny: closed({
    ...common,
    capability: wide,
    ...wideMeaning,
    after: wideAfter,
    unless: letting.optional(),
    unknown: unknown.optional(),
    approval: approvalSchema.optional(),
  }).meta({ id: 'denyRule' }),
  require_approval: closed(
    {
      ...common,
      capability: wide,
      ...wideMeaning,
      after: wideAfter,
      unless: letting.optional(),
      approval: approvalSchema.optional(),
    },
    { unknown: NO_UNKNOWN },
  ).meta({ id: 'approvalRule' }),
  allow: closed(
    { ...common, ...narrowMeaning, capability: narrow, after: narrowAfter, unless: stopping.optional() },
    { ...NO_CONTAINS, unknown: NO_UNKNOWN, approval: NO_APPROVAL },
  ).meta({ id: 'allowRule' }),
}

const header = {
  version: z.literal(1).meta({ description: 'The version of the policy language' }),
  extends: z
    .array(text(checkExtends, { pattern: '\\S' }))
    .min(1)
    .meta({ description: 'Policy files whose rules are added, relative to this one' })
    .optional(),
  sealed: z.boolean().meta({ description: 'What extends this may only add `deny` and `require_approval`' }).optional(),
  mode: z.enum(MODES).meta({ description: '`observe`: record what would have happened, and stop nothing' }).optional(),
  approvers: filled(
    z.record(
      text((name) => checkApproverName(keyOf(name))),
      text(checkVkey),
    ),
    {
      description: "Approvers' public keys by name",
    },
  ).optional(),
  approvals: filled(
    closed({
      max_pending: z
        .number()
        .int()
        .min(1)
        .max(100_000)
        .meta({ description: 'The most requests an actor may have waiting', default: 100 })
        .optional(),
      max_grant: text(checkDuration, {
        description: 'The longest that a grant may live',
        pattern: '^[1-9][0-9]*[smhd]$',
        default: '24h',
      }).optional(),
    }),
    { description: 'Bounds of approvals; of several files the tightest counts' },
  ).optional(),
}
const rules = z.array(z.unknown()).min(1)

/** A file, its tools and its rules left for their own schemas: a mistake in one must not hide those in another. */
export const fileSchema: z.ZodType<RawFile> = closed(
  {
    ...header,
    tools: filled(z.record(z.string(), z.unknown())).optional(),
    deny: rules.optional(),
    require_approval: rules.optional(),
    allow: rules.optional(),
  },
  { audit: NOT_YET },
)

const ruleList = (rule: z.ZodType<RawRule>, pattern: z.ZodType<string>): z.ZodType =>
  z.array(z.union([pattern, rule])).min(1)

/** The JSON Schema of a policy file, for editors. */
export function policyJsonSchema(): object {
  const wholeFile = closed({
    ...header,
    tools: filled(z.record(z.string(), toolSchema), {
      description: "How a tool's call becomes an action; keys are names or globs",
    }).optional(),
    deny: ruleList(ruleSchemas.deny, widePattern).meta({ description: 'Any matching rule denies' }).optional(),
    require_approval: ruleList(ruleSchemas.require_approval, widePattern)
      .meta({ description: 'Every matching rule must be satisfied by an approval' })
      .optional(),
    allow: ruleList(ruleSchemas.allow, narrowPattern).meta({ description: 'Any matching rule allows' }).optional(),
  }).meta({ title: 'CapFence policy', description: 'What agents may do, must ask for, and may not do' })
  return z.toJSONSchema(wholeFile, { io: 'input', target: 'draft-7' })
}
