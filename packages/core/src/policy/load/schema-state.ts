import * as z from 'zod'
import type { Reach } from '../../action/pattern.ts'
import type { RawAfter, RawLimit } from './raw-policy.ts'
import { closed, decimal, oneOrMany, text } from './schema-parts.ts'
import { checkAmount, checkArgPath, checkDuration, checkPattern } from './texts.ts'

/** What events can be told apart by, for an `after`. */
const FIELDS = ['actor', 'session', 'tenant', 'environment', 'user_role', 'tool'] as const

const DURATION = '^[1-9][0-9]*[smhd]$'

/** How often, or how much, in a sliding window. */
export const limitSchema: z.ZodType<RawLimit> = closed({
  count: z.literal(true).meta({ description: 'Counts events' }).optional(),
  sum: text(checkArgPath, { description: 'Adds up `amount`, or what stands at a path into the arguments' }).optional(),
  max: decimal(checkAmount, 'The most within the window'),
  per: text(checkDuration, { description: 'The window: `24h`, up to `30d`', pattern: DURATION }),
  by: oneOrMany(z.enum([...FIELDS, 'capability', 'all']), 'What is counted together: events that are alike in this'),
}).meta({ id: 'limit', description: 'How often, or how much, in a sliding window' })

/** An action that was allowed earlier. */
export function afterSchema(reach: Reach, patternHint: string): z.ZodType<RawAfter> {
  return closed({
    capability: oneOrMany(text(checkPattern(reach), { pattern: patternHint }), 'Patterns of the earlier action'),
    within: text(checkDuration, { description: 'How long ago at most: `1h`, up to `30d`', pattern: DURATION }),
    by: z.enum([...FIELDS, 'all']).meta({ description: 'What both actions have in common' }),
  }).meta({ description: 'Such an action was allowed earlier' })
}
