import * as z from 'zod'
import type { RawApproval } from './raw-policy.ts'
import { closed, filled, oneOrMany, text, UNPADDED } from './schema-parts.ts'
import { checkContextGlob, checkDuration } from './texts.ts'

/** What a rule that asks wants of an approval. */
export const approvalSchema: z.ZodType<RawApproval> = filled(
  closed({
    expires_in: text(checkDuration, {
      description: 'The life of the request, and of the grant',
      pattern: '^[1-9][0-9]*[smhd]$',
      default: '10m',
    }).optional(),
    quorum: z
      .number()
      .int()
      .min(1)
      .max(64)
      .meta({ description: 'How many approvers must sign', default: 1 })
      .optional(),
    approvers: oneOrMany(
      text(checkContextGlob, UNPADDED),
      "Globs over approvers' names; any where left out",
    ).optional(),
  }),
  { id: 'approval' },
)
