import * as z from 'zod'
import type { OneOrMany, RawDecimal } from './raw-policy.ts'
import type { TextCheck } from './texts.ts'

/** What an editor is told of a value beside its type. */
export interface EditorHint {
  readonly description?: string
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  /** The name under which a JSON Schema holds it once. */
  readonly id?: string
  readonly default?: string | number | boolean
}

/** A text without blanks at its ends. */
export const UNPADDED: EditorHint = { pattern: '^\\S([\\s\\S]*\\S)?$' }

/** A text that passes a check. */
export function text(check: TextCheck, hint: EditorHint = {}): z.ZodType<string> {
  return z
    .string()
    .superRefine((value, context) => {
      const message = check(value)
      if (message !== undefined) context.addIssue({ code: 'custom', message })
    })
    .meta({ ...hint })
}

/** One, or a list of at least one. */
export function oneOrMany<Item>(item: z.ZodType<Item>, description: string): z.ZodType<OneOrMany<Item>> {
  return z.union([item, z.array(item).min(1)]).meta({ description })
}

/** A number or a decimal text; both go through the check as text. */
export function decimal(check: TextCheck, description: string): z.ZodType<RawDecimal> {
  const number = z.number().superRefine((value, context) => {
    // Only the sign can be wrong here: the digits are checked where they are read.
    const message = value < 0 ? check('-1') : undefined
    if (message !== undefined) context.addIssue({ code: 'custom', message: 'an amount is never negative' })
  })
  return z.union([number, text(check, { pattern: '^-?(0|[1-9][0-9]*)(\\.[0-9]+)?$' })]).meta({ description })
}

/** What `closed` says of a key that it does not have: carried as the message of zod's issue. */
export interface UnknownKeyNote {
  readonly keys: readonly string[]
  /** What to say of keys that deserve better than "unknown". */
  readonly notes: Readonly<Record<string, string>>
}

/** An object that has these keys and no others. */
export function closed<Shape extends z.ZodRawShape>(
  shape: Shape,
  notes: Readonly<Record<string, string>> = {},
): z.ZodObject<Shape, z.core.$strict> {
  const note: UnknownKeyNote = { keys: Object.keys(shape), notes }
  const message = JSON.stringify(note)
  return z.strictObject(shape, { error: ({ code }) => (code === 'unrecognized_keys' ? message : undefined) })
}

/** An object that says something: one without a key is refused. */
export function filled<Schema extends z.ZodType>(schema: Schema, hint: EditorHint = {}): Schema {
  const says = (value: unknown): boolean => typeof value === 'object' && value !== null && Object.keys(value).length > 0
  // Only where nothing else is wrong: zod hands on an object without its unknown keys.
  const checked = schema.refine(says, {
    message: 'an empty mapping says nothing: leave it out',
    when: ({ issues }) => issues.length === 0,
  })
  return checked.meta({ ...hint, minProperties: 1 })
}
