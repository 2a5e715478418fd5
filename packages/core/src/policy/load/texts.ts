// What a single text of a policy must be. Each check answers what is wrong with the text, or undefined.
import { asciiLower, capability } from '../../action/capability.ts'
import { type Reach, capabilityPattern } from '../../action/pattern.ts'
import { foldText } from '../../facts/text-fold.ts'
import { messageOf } from '../../kernel/errors.ts'
import { argPath } from '../arg-path.ts'
import { checkPack, isPack } from './packs.ts'
import { codePoint } from './raw-characters.ts'

/** Answers what is wrong with a text, or undefined. */
export type TextCheck = (text: string) => string | undefined

const MAX_CONTEXT = 1024
/** What a reader of a name cannot see: two names with and without look alike. */
const HIDDEN = /\p{Default_Ignorable_Code_Point}|\p{Bidi_Control}/u
/** The longest reason. */
export const MAX_REASON = 500

/** The most that a policy names in milliseconds: 30 days. */
export const MAX_DURATION_MS = 2_592_000_000

const MS_BY_UNIT = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
/** A duration: `30s`, `10m`, `24h`, `7d`. */
const DURATION = /^([1-9]\d{0,7})([smhd])$/

/** The milliseconds of a duration such as `10m`, or undefined where it is none. */
export function durationMs(text: string): number | undefined {
  const [, count, unit] = DURATION.exec(text) ?? []
  const size = Object.entries(MS_BY_UNIT).find(([name]) => name === unit)?.[1]
  const total = size === undefined ? Number.NaN : Number(count) * size
  return total <= MAX_DURATION_MS ? total : undefined
}

export const checkDuration: TextCheck = (text) =>
  durationMs(text) === undefined ? `${shown(text)} is no duration of 1s to 30d: write for example \`10m\`` : undefined

export const checkCapability: TextCheck = (text) =>
  text.includes('*')
    ? `${shown(text)} is a pattern: a tool has one full capability, for example \`filesystem.read.workspace\``
    : faultOf(() => capability(text))

/** Checks a capability pattern of an `allow` rule (`narrow`) or of the others (`wide`). */
export function checkPattern(reach: Reach): TextCheck {
  return (text) => faultOf(() => capabilityPattern(text, reach))
}

export const checkContextGlob: TextCheck = (text) => {
  if (text === '') return 'an empty text matches nothing'
  if (/\p{Cc}/u.test(text) || text.trim() !== text) {
    return `${shown(text)} can never match: a context field has no control characters and no blanks at its ends`
  }
  const hidden = HIDDEN.exec(text)?.[0]
  if (hidden !== undefined) return `the invisible ${codePoint(hidden)}: no name should hold it, for nobody sees it`
  return text.length > MAX_CONTEXT ? `a context field is no longer than ${String(MAX_CONTEXT)}` : undefined
}

export const checkEnvironmentGlob: TextCheck = (text) =>
  /^[a-z0-9_.*-]+$/.test(asciiLower(text))
    ? undefined
    : `${shown(text)} can never match: an environment is a-z, 0-9, \`_\`, \`-\`, \`.\``

export const checkContains: TextCheck = (text) => {
  const folded = foldText(text)
  if (folded === undefined) return 'the text is too long to be folded'
  return folded.trim() === '' ? 'a text without a visible character would match everything' : undefined
}

export const checkNotEmpty: TextCheck = (text) => (text === '' ? 'an empty text would match everything' : undefined)

/** A decimal, exactly as written; no exponent, no leading zeros. */
const DECIMAL = /^-?(?:0|[1-9]\d{0,99})(?:\.\d{1,100})?$/

export const checkDecimal: TextCheck = (text) =>
  DECIMAL.test(text) ? undefined : `${shown(text)} is not a plain decimal number, for example \`1000.50\``

export const checkAmount: TextCheck = (text) =>
  checkDecimal(text) ?? (text.startsWith('-') ? `${shown(text)}: an amount is never negative` : undefined)

export const checkArgPath: TextCheck = (text) => faultOf(() => argPath(text))

export const checkArgName: TextCheck = (text) => (text === '' ? 'an argument has a name' : undefined)

export const checkReason: TextCheck = (text) => {
  if (text.trim() === '') return 'a reason has words'
  // Told to models and terminals: nothing in it may act on either.
  if (/[^\P{Cc}\s]|\p{Bidi_Control}/u.test(text)) return 'a reason has no control characters'
  return text.length > MAX_REASON ? `a reason is no longer than ${String(MAX_REASON)}` : undefined
}

/** A rule's id. */
export const RULE_ID: RegExp = /^[A-Za-z0-9][A-Za-z0-9_.:/@-]{0,127}$/

export const checkRuleId: TextCheck = (text) =>
  RULE_ID.test(text)
    ? undefined
    : `${shown(text)} is no rule id: up to 128 of A-Z, a-z, 0-9, \`_\`, \`.\`, \`:\`, \`/\`, \`@\`, \`-\`, a letter or digit first`

export const checkApproverName: TextCheck = (text) =>
  /^[A-Za-z0-9][A-Za-z0-9_.@-]{0,127}$/.test(text)
    ? undefined
    : `${shown(text)} is no approver's name: A-Z, a-z, 0-9, \`_\`, \`.\`, \`@\`, \`-\`, a letter or digit first`

export const checkRoot: TextCheck = (text) => {
  if (!text.startsWith('/') || text.includes('\0'))
    return `${shown(text)} is not an absolute folder, for example \`/workspace\``
  return text.split('/').some((part) => part === '..' || part === '.')
    ? `${shown(text)}: write the folder without \`.\` and \`..\``
    : undefined
}

export const checkExtends: TextCheck = (text) => {
  if (isPack(text)) return checkPack(text)
  if (text.trim() === '' || text.includes('\0')) return 'a file has a name'
  return /^[A-Za-z][A-Za-z0-9+.-]+:/.test(text) ? `${shown(text)} is no path of a file` : undefined
}

function faultOf(parse: () => unknown): string | undefined {
  try {
    parse()
    return undefined
  } catch (cause) {
    return messageOf(cause)
  }
}

function shown(text: string): string {
  return JSON.stringify(text.length <= 60 ? text : `${text.slice(0, 59)}…`)
}
