import type { ActionEvent } from '../action/action-event.ts'
import type { Amount } from '../facts/amount.ts'
import { type ArgPath, type ArgValues, readArg } from '../facts/arg-path.ts'
import { type ArgTexts, argTexts } from '../facts/arg-texts.ts'
import type { Decimal } from '../facts/decimal.ts'
import { countNonAscii, foldText, MAX_FOLDED_UNITS, spaceText } from '../facts/text-fold.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { EventMeaning } from './bound-facts.ts'
import type { StateReadings } from './state-terms.ts'
import type { ToolBindings } from './tool-bindings.ts'

/** One event under judgement, and what its arguments were found to mean: each fact is made once, when first asked for. */
export interface EventFacts {
  readonly event: ActionEvent
  /** Undefined where nothing is known of the state. */
  readonly readings: StateReadings | undefined
  amounts: readonly (Amount | undefined)[] | undefined
  texts: EventTexts | undefined
  /** The texts that are not judged by what they mean. */
  looseTexts: EventTexts | undefined
  argNames: readonly string[] | undefined
  /** What paths with `[*]` name. */
  valuesByPath: Map<string, ArgValues> | undefined
  /** Texts that were folded, case aside; undefined within stands for too much work. */
  foldedByText: Map<string, string | undefined> | undefined
  /** The same, with case. */
  spacedByText: Map<string, string | undefined> | undefined
  isFoldable: boolean | undefined
  /** What arguments that are commands, SQL, paths and URLs mean. */
  meaning: EventMeaning | undefined
  /** What `sum` of limits adds up to, by its path; undefined within stands for what nobody can say. */
  sums: Map<string, Decimal | undefined> | undefined
}

/** Texts of an event, and how they read when they are folded. */
export interface EventTexts {
  readonly found: ArgTexts
  folded: readonly (string | undefined)[] | undefined
  lines: FoldedLines | undefined
}

/** Texts of an event, folded, in one. */
interface FoldedLines {
  /** One text a line: a folded text has no line break. */
  readonly text: string
  /** False where a text could not be folded. */
  readonly isComplete: boolean
}

/** Shorter texts of ASCII are folded again rather than looked up. */
const LONG = 64
/** The most paths whose values are kept; what others name is read again. */
const MAX_PATHS = 16

/** An event of which nothing is known yet. */
export function eventFacts(event: ActionEvent, readings?: StateReadings): EventFacts {
  return {
    event,
    readings,
    amounts: undefined,
    texts: undefined,
    looseTexts: undefined,
    argNames: undefined,
    valuesByPath: undefined,
    foldedByText: undefined,
    spacedByText: undefined,
    isFoldable: undefined,
    meaning: undefined,
    sums: undefined,
  }
}

/** The event's amounts; undefined stands for one that is missing or no amount. */
export function amountsOf(facts: EventFacts, bindings: ToolBindings): readonly (Amount | undefined)[] {
  const { event } = facts
  facts.amounts ??= bindings.amountOf(event.tool).amounts(event.args)
  return facts.amounts
}

/** What stands at a path, added up; `make` does it where that was not asked for before. */
export function sumOf(facts: EventFacts, path: string, make: () => Decimal | undefined): Decimal | undefined {
  facts.sums ??= new Map()
  return kept(facts.sums, path, make)
}

/** Every text in the arguments. */
export function textsOf(facts: EventFacts): EventTexts {
  facts.texts ??= eventTexts(facts.event.args)
  return facts.texts
}

/** Every text in the arguments but those that `meant` names. */
export function looseTextsOf(facts: EventFacts, meant: readonly string[]): EventTexts {
  if (meant.length === 0) return textsOf(facts)
  facts.looseTexts ??= eventTexts(without(facts.event.args, meant))
  return facts.looseTexts
}

function eventTexts(args: JsonObject): EventTexts {
  return { found: argTexts(args), folded: undefined, lines: undefined }
}

function without(args: JsonObject, names: readonly string[]): JsonObject {
  // `fromEntries` defines, so `__proto__` stays a name like any other.
  return Object.fromEntries(Object.entries(args).filter(([name]) => !names.includes(name)))
}

/** Texts, folded; undefined stands for one where that is too much work. */
export function foldedTextsOf(facts: EventFacts, texts: EventTexts): readonly (string | undefined)[] {
  texts.folded ??= texts.found.texts.map((text) => foldedOf(facts, text))
  return texts.folded
}

/** All of some texts that can be folded, as lines of one. */
export function foldedLinesOf(facts: EventFacts, texts: EventTexts): FoldedLines {
  texts.lines ??= linesOf(foldedTextsOf(facts, texts))
  return texts.lines
}

function linesOf(texts: readonly (string | undefined)[]): FoldedLines {
  let lines = ''
  let isComplete = true
  for (const text of texts) {
    if (text === undefined) isComplete = false
    else lines = lines === '' ? text : `${lines}\n${text}`
  }
  return { text: lines, isComplete }
}

/** The names of the arguments. */
export function argNamesOf(facts: EventFacts): readonly string[] {
  facts.argNames ??= Object.keys(facts.event.args)
  return facts.argNames
}

/** What a path names, as `readArg` tells it. */
export function argValuesOf(facts: EventFacts, path: ArgPath): ArgValues {
  facts.valuesByPath ??= new Map()
  const known = facts.valuesByPath.get(path.text)
  if (known !== undefined) return known
  const values = readArg(facts.event.args, path)
  if (facts.valuesByPath.size < MAX_PATHS) facts.valuesByPath.set(path.text, values)
  return values
}

/** A text of the arguments, folded; undefined where that is too much work. */
export function foldedOf(facts: EventFacts, text: string): string | undefined {
  if (isCheap(text)) return foldText(text)
  facts.foldedByText ??= new Map()
  return kept(facts.foldedByText, text, () => bounded(facts, text, foldText))
}

/** A text of the arguments, folded but for its case; undefined where that is too much work. */
export function spacedOf(facts: EventFacts, text: string): string | undefined {
  if (isCheap(text)) return spaceText(text)
  facts.spacedByText ??= new Map()
  return kept(facts.spacedByText, text, () => bounded(facts, text, spaceText))
}

function isCheap(text: string): boolean {
  return text.length < LONG && countNonAscii(text) === 0
}

type Fold = (text: string) => string | undefined

function bounded(facts: EventFacts, text: string, fold: Fold): string | undefined {
  return countNonAscii(text) === 0 || isFoldable(facts) ? fold(text) : undefined
}

function kept<Made>(
  byText: Map<string, Made | undefined>,
  text: string,
  make: () => Made | undefined,
): Made | undefined {
  const known = byText.get(text)
  if (known !== undefined || byText.has(text)) return known
  const made = make()
  byText.set(text, made)
  return made
}

// The bound is on the event as a whole, so the answer does not depend on which rule asks first.
function isFoldable(facts: EventFacts): boolean {
  facts.isFoldable ??=
    textsOf(facts).found.texts.reduce((sum, text) => sum + countNonAscii(text), 0) <= MAX_FOLDED_UNITS
  return facts.isFoldable
}
