import * as z from 'zod'
import { RISKS } from '../../action/action-event.ts'
import type { RawExamples } from './raw-policy.ts'
import { closed, filled } from './schema-parts.ts'

const example = closed({
  capability: z.string().meta({ description: 'resource.action.scope, in place of `resource` and `action`' }).optional(),
  actor: z.string().optional(),
  action: z.string().optional(),
  resource: z.string().optional(),
  scope: z.string().optional(),
  environment: z.string().optional(),
  risk: z.enum(RISKS).optional(),
  session: z.string().optional(),
  tenant: z.string().optional(),
  user_role: z.string().optional(),
  caller_depth: z.number().int().min(0).optional(),
  tool: z.string().optional(),
  server: z.string().meta({ description: 'The MCP server of the tool' }).optional(),
  args: z.record(z.string(), z.unknown()).optional(),
}).meta({ id: 'example' })

/** The examples of a rule. */
export const examplesSchema: z.ZodType<RawExamples> = filled(
  closed({ match: z.array(example).min(1).optional(), not_match: z.array(example).min(1).optional() }),
  { id: 'examples', description: 'Events that this rule matches, and that it does not; tried at load' },
)
