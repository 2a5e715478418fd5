import { type Amount, amountOf } from '../../facts/amount.ts'
import {
  MAX_SUM_LENGTH,
  addDecimals,
  compareDecimals,
  type Decimal,
  decimal,
  decimalOfNumber,
  decimalText,
  sumDecimals,
} from '../../facts/decimal.ts'
import { canonicalJson } from '../../kernel/canonical-json.ts'
import { sha256Hex } from '../../kernel/digest.ts'
import { CapFenceError } from '../../kernel/errors.ts'
import { argPath } from '../arg-path.ts'
import { fieldOf } from '../context-field.ts'
import { amountsOf, argValuesOf, type EventFacts, sumOf } from '../event-facts.ts'
import type { ArgPath, Limit, Rule } from '../model.ts'
import type { LimitTerm } from '../state-terms.ts'
import { argName } from '../tool-bindings.ts'
import { not, TRUE, type TruthValue, truthOf, UNKNOWN } from '../truth.ts'
import { type AmountPlace, unknownAmounts } from './amount.ts'
import type { CompiledCondition, ConditionPlace, Why } from './condition.ts'
import { missing } from './context.ts'
import { limitText } from './limit-text.ts'

/** A rule's limit, compiled. */
export interface CompiledLimit {
  readonly condition: CompiledCondition
  /** The limit as it concerns an event; undefined where a field that it counts by is missing. */
  readonly termOf: (facts: EventFacts) => LimitTerm | undefined
}

/** Where events that are counted together get their common name from, and what each adds. */
interface Reading {
  readonly counterOf: (facts: EventFacts) => string | undefined
  readonly chargeOf: (facts: EventFacts) => Decimal | undefined
}

/** The most digits that the values of one sum may have together, each as long as the longest; beyond it the sum is unknown. */
const MAX_SUM_DIGITS = 1_000_000
/** The longest sum, so that it can be read again as a decimal. */
const MAX_CHARGE_LENGTH = 256

/**
 * Compiles the limit of a rule. Where being true lets through, it holds as long as what the event adds does not exceed
 * it; elsewhere it holds once it is exceeded.
 */
export function compileLimit(limit: Limit, rule: Pick<Rule, 'id'>, place: ConditionPlace): CompiledLimit {
  const max = decimal(limit.max)
  // The loader has checked it; a model that was made otherwise must not become a limit without a bound.
  if (max === undefined) throw new CapFenceError('POLICY_INVALID', `\`${limit.max}\` is not a plain decimal`)
  const reading: Reading = { counterOf: counterReader(limit, rule.id), chargeOf: chargeReader(limit, place) }
  const termOf = (facts: EventFacts): LimitTerm | undefined => {
    const counter = reading.counterOf(facts)
    if (counter === undefined) return undefined
    const charge = reading.chargeOf(facts)
    return { rule: rule.id, counter, perMs: limit.perMs, max: limit.max, charge: charge && decimalText(charge) }
  }
  const exceeds = (facts: EventFacts): boolean | undefined => {
    if (facts.readings === undefined) return undefined
    const charge = reading.chargeOf(facts)
    const term = charge && termOf(facts)
    const used = usedOf(term, facts)
    return charge && used && compareDecimals(addDecimals(used, charge), max) > 0
  }
  const test = (facts: EventFacts): TruthValue => {
    const value = truthOf(exceeds(facts))
    return place.reach === 'narrow' ? not(value) : value
  }
  const why = (facts: EventFacts, truth: TruthValue): Why => limitWhy({ limit, place, reading }, facts, truth)
  return { condition: { name: 'limit', cost: 6, inner: [], test, why }, termOf }
}

function usedOf(term: LimitTerm | undefined, { readings }: EventFacts): Decimal | undefined {
  const text = term && readings?.used(term)
  const used = text === undefined ? undefined : decimal(text, MAX_SUM_LENGTH)
  return used !== undefined && used.sign >= 0 ? used : undefined
}

function counterReader({ sum, perMs, by }: Limit, rule: string): Reading['counterOf'] {
  const fields = by.map((field) => ({ field, read: fieldOf(field) }))
  return ({ event }) => {
    const values: (readonly [string, string])[] = []
    for (const { field, read } of fields) {
      const value = read(event)
      if (value === undefined) return undefined
      values.push([field, value])
    }
    return sha256Hex(canonicalJson(['limit', rule, perMs, sum, values]))
  }
}

const ONE = decimalOfNumber(1)

function chargeReader({ sum }: Limit, { bindings }: ConditionPlace): Reading['chargeOf'] {
  if (sum === null) return () => ONE
  if (sum === 'amount') return (facts) => sumOf(facts, sum, () => totalOf(amountsOf(facts, bindings)))
  const path = argPath(sum)
  return (facts) => sumOf(facts, sum, () => totalOf(argValuesOf(facts, path).map(amountOf)))
}

// No amount at all is unknown, as it is to `amount_lte`.
function totalOf(amounts: readonly (Amount | undefined)[]): Decimal | undefined {
  const known: Decimal[] = []
  for (const amount of amounts) {
    if (amount === undefined) return undefined
    known.push(typeof amount === 'number' ? decimalOfNumber(amount) : amount)
  }
  const [first, ...more] = known
  const total = more.length === 0 ? first : isTooMuch(known) ? undefined : sumDecimals(known)
  return total !== undefined && decimalText(total).length <= MAX_CHARGE_LENGTH ? total : undefined
}

function isTooMuch(decimals: readonly Decimal[]): boolean {
  const whole = decimals.reduce((most, each) => Math.max(most, each.whole.length), 0)
  const fraction = decimals.reduce((most, each) => Math.max(most, each.fraction.length), 0)
  return decimals.length * (whole + fraction) > MAX_SUM_DIGITS
}

interface Explained {
  readonly limit: Limit
  readonly place: ConditionPlace
  readonly reading: Reading
}

function limitWhy({ limit, place, reading }: Explained, facts: EventFacts, truth: TruthValue): Why {
  const text = limitText(limit)
  if (truth !== UNKNOWN) {
    const isUsedUp = (truth === TRUE) === (place.reach === 'wide')
    return { text: `the limit of ${text} is ${isUsedUp ? '' : 'not '}used up` }
  }
  const absent = limit.by.find((field) => fieldOf(field)(facts.event) === undefined)
  if (absent !== undefined) return missing(absent)
  if (reading.chargeOf(facts) === undefined) return unknownSum(limit, facts, place)
  return { text: `nobody can say how much of the limit of ${text} is used up` }
}

function unknownSum({ sum }: Limit, facts: EventFacts, { bindings }: ConditionPlace): Why {
  const place = sum === null || sum === 'amount' ? bindings.amountOf(facts.event.tool) : argPlace(argPath(sum), facts)
  const values = place.values(facts.event.args)
  if (values.length === 0 || values.some((value) => amountOf(value) === undefined)) return unknownAmounts(place, facts)
  return { text: `\`${place.name}\` adds up to too many digits`, remedy: `\`${place.name}\` has to be shorter` }
}

function argPlace(path: ArgPath, facts: EventFacts): AmountPlace {
  return { name: argName(path), path: path.text, values: () => argValuesOf(facts, path) }
}
