import * as z from 'zod'
import { checkRegex } from './check-regex.ts'
import type { RawMatcher } from './raw-policy.ts'
import { closed, decimal, filled, oneOrMany, text } from './schema-parts.ts'
import { keyOf } from './source-node.ts'
import { checkArgPath, checkDecimal, checkNotEmpty } from './texts.ts'

const TYPES = ['string', 'number', 'boolean', 'null', 'array', 'object'] as const

const textOperator = text(checkNotEmpty, { minLength: 1 })
const operators = filled(
  closed({
    eq: z.unknown().meta({ description: 'Equal, as JSON' }).optional(),
    ne: z.unknown().meta({ description: 'Not equal, as JSON' }).optional(),
    in: z.array(z.unknown()).min(1).meta({ description: 'One of' }).optional(),
    not_in: z.array(z.unknown()).min(1).meta({ description: 'None of' }).optional(),
    gt: decimal(checkDecimal, 'Greater, as exact decimals').optional(),
    gte: decimal(checkDecimal, 'Greater or equal').optional(),
    lt: decimal(checkDecimal, 'Less').optional(),
    lte: decimal(checkDecimal, 'Less or equal').optional(),
    contains: textOperator.optional(),
    starts_with: textOperator.optional(),
    ends_with: textOperator.optional(),
    glob: textOperator.optional(),
    matches: text(checkRegex, {
      description: 'A pattern of RE2; in `allow` it must match the whole value',
      minLength: 1,
    }).optional(),
    type: oneOrMany(z.enum(TYPES), 'The JSON type').optional(),
    length_lte: z.number().int().min(0).meta({ description: 'The most characters or elements' }).optional(),
    present: z.boolean().meta({ description: 'Whether the argument is there; never unknown' }).optional(),
  }),
)

// What an argument is held against.
const matcherSchema: z.ZodType<RawMatcher> = z
  .union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.unknown()).min(1), operators])
  .meta({ id: 'matcher', description: 'A scalar (equal), a list (one of), or operators' })

/** A block of conditions on arguments. */
export const argsSchema: z.ZodType<Record<string, RawMatcher>> = filled(
  z.record(
    text((key) => checkArgPath(keyOf(key))),
    matcherSchema,
  ),
  { description: 'Conditions on arguments, by path' },
)
