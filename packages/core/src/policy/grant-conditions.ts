import type { ActionEvent } from '../action/action-event.ts'
import type { ToolBinding } from '../action/tool-binding.ts'
import { canonicalJson } from '../kernel/canonical-json.ts'
import type { Json } from '../kernel/json.ts'
import { BOUND_BY_DEFAULT, boundNamesOf, TEXT_OPERATORS } from './bound-arguments.ts'
import { readingPlace } from './bound-facts.ts'
import { allOf, compileCondition } from './conditions/compile-condition.ts'
import type { Test } from './conditions/condition.ts'
import { eventFacts } from './event-facts.ts'
import { decodeArgs, MAX_ARGS_LENGTH } from './load/decode-args.ts'
import type { Condition } from './model.ts'
import type { ToolBindings } from './tool-bindings.ts'
import { TRUE } from './truth.ts'

type ArgsCondition = Extract<Condition, { kind: 'args' }>

/** Conditions of a grant, compiled. */
interface GrantTest {
  readonly test: Test
  /** Arguments that they hold a text operator against. */
  readonly searched: readonly string[]
}

/** The most conditions of grants that are kept compiled. */
const MAX_KEPT = 64

/** What a policy's `tools` say of arguments. */
interface Declared {
  readonly tools: ReadonlyMap<string, ToolBinding>
  readonly bindings: ToolBindings
}

/** Whether a grant's `args` conditions hold for an event: for certain, in the one form that they have, else not. */
export function grantConditions({ tools, bindings }: Declared): (event: ActionEvent, conditions: Json) => boolean {
  const kept = new Map<string, GrantTest | undefined>()
  const testOf = (text: string): GrantTest | undefined => {
    if (kept.has(text)) return kept.get(text)
    const made = compile(text, bindings)
    const [oldest] = kept.keys()
    if (kept.size >= MAX_KEPT && oldest !== undefined) kept.delete(oldest)
    kept.set(text, made)
    return made
  }
  const namesByCapability = Map.groupBy(tools.values(), ({ capability }) => capability)
  const isBound = ({ tool, capability }: ActionEvent, name: string): boolean => {
    if (BOUND_BY_DEFAULT.includes(name)) return true
    const own = tool === undefined ? undefined : bindings.bindingOf(tool)
    const declared = [...(own === undefined ? [] : [own]), ...(namesByCapability.get(capability) ?? [])]
    return declared.some((binding) => boundNamesOf(binding).includes(name))
  }
  return (event, conditions) => {
    if (conditions === null) return true
    const text = textOf(conditions)
    const found = text === undefined ? undefined : testOf(text)
    if (found === undefined || found.searched.some((name) => isBound(event, name))) return false
    return found.test(eventFacts(event)) === TRUE
  }
}

function textOf(conditions: Json): string | undefined {
  try {
    const text = canonicalJson(conditions)
    return text.length <= MAX_ARGS_LENGTH ? text : undefined
  } catch {
    return undefined // no JSON, so no conditions: they do not hold
  }
}

function compile(text: string, bindings: ToolBindings): GrantTest | undefined {
  const conditions = decodeArgs(text)
  if (conditions === undefined) return undefined
  const compiled = conditions.map((condition) =>
    compileCondition(condition, { ...readingPlace(bindings), reach: 'narrow' }),
  )
  return { test: allOf(compiled), searched: conditions.filter(hasTextOperator).flatMap(firstName) }
}

function hasTextOperator({ tests }: ArgsCondition): boolean {
  return tests.some(({ op }) => (TEXT_OPERATORS as readonly string[]).includes(op))
}

function firstName({ path: { steps } }: ArgsCondition): readonly string[] {
  return steps[0]?.kind === 'key' ? [steps[0].key] : []
}
