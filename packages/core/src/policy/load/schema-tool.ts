import * as z from 'zod'
import type { RawTool } from './raw-policy.ts'
import { closed, oneOrMany, text } from './schema-parts.ts'
import { checkArgName, checkArgPath, checkCapability, checkRoot } from './texts.ts'

const SHELLS = ['bash', 'sh', 'zsh', 'powershell', 'cmd'] as const
/** The SQL dialects that can be read; one that cannot be is no dialect of a policy. */
const DIALECTS = ['postgres'] as const

const argument = text(checkArgName, { minLength: 1 })
const names = (what: string): ReturnType<typeof oneOrMany<string>> => oneOrMany(argument, what)

/** One entry of `tools`. */
export const toolSchema: z.ZodType<RawTool> = closed({
  capability: text(checkCapability, {
    description: 'What a call of the tool asks for: resource.action.scope, without `*`',
    pattern: '^[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+){2,}$',
  }),
  command: names('The top-level arguments that hold a command').optional(),
  shell: z.enum(SHELLS).meta({ description: 'The interpreter of the command; bash where left out' }).optional(),
  cwd: text(checkArgName, {
    description: "The argument that holds the command's working folder",
    minLength: 1,
  }).optional(),
  sql: names('The top-level arguments that hold SQL').optional(),
  dialect: z.enum(DIALECTS).meta({ description: 'The dialect of the SQL' }).optional(),
  path: names('The top-level arguments that hold paths').optional(),
  root: text(checkRoot, {
    description: 'The absolute folder that relative paths start from',
    pattern: '^/',
  }).optional(),
  decodes: z.boolean().meta({ description: 'True where the tool decodes percent-escapes in its paths' }).optional(),
  url: names('The top-level arguments that hold URLs').optional(),
  amount: text(checkArgPath, {
    description: 'The path of the amount in the arguments; `amount` where left out',
  }).optional(),
}).meta({ id: 'tool' })
