import { refuseUngateable, type Ungated } from '@capfence/core/adapter'
import { type Callback, isCallback, unguarded } from './callback.ts'
import { propertyOf, textOf } from './copy-with.ts'

/** What can be run of a tool, whichever helper of `openai` made it. */
export interface Callable {
  readonly name: string
  /** How the tool reads the model's text; undefined where it takes the text as it is. */
  readonly parse: ((text: string) => unknown) | undefined
  readonly run: Callback
  /** Which property holds `run`: of the tool itself, or of its `function`. */
  readonly at: '$callback' | 'function' | 'execute'
}

/** The callable part of a tool; undefined where it goes without a guard on the record. */
export function callableOf(tool: unknown, ungated: Ungated | undefined): Callable | undefined {
  const found = parseable(tool) ?? runnable(tool) ?? runnerFunction(tool)
  if (found === undefined) refuseUngateable(toolName(tool), whyNot(tool), ungated)
  return found
}

// `zodFunction`, `standardFunction`, `zodResponsesFunction`: everything that runs stands in hidden properties.
function parseable(tool: unknown): Callable | undefined {
  const run = propertyOf(tool, '$callback')
  const parse = propertyOf(tool, '$parseRaw')
  if (!isCallback(run) || !isCallback(parse)) return undefined
  return { name: toolName(tool), parse: bound(parse, tool), run: bound(run, tool), at: '$callback' }
}

function runnable(tool: unknown): Callable | undefined {
  const inner = propertyOf(tool, 'function')
  const run = propertyOf(inner, 'function')
  const parse = propertyOf(inner, 'parse')
  if (propertyOf(tool, 'type') !== 'function' || !isCallback(run)) return undefined
  const name = toolName(tool) || run.name
  return { name, parse: isCallback(parse) ? bound(parse, inner) : undefined, run: bound(run, inner), at: 'function' }
}

function runnerFunction(tool: unknown): Callable | undefined {
  const run = propertyOf(tool, 'execute')
  const declared = propertyOf(tool, 'tool')
  if (!isCallback(run) || propertyOf(declared, 'type') !== 'function') return undefined
  return { name: toolName(declared), parse: undefined, run: bound(run, tool), at: 'execute' }
}

// Taken when it is guarded, so that nobody can put another function in its place later.
function bound(callback: Callback, owner: unknown): Callback {
  const original = unguarded(callback)
  const run: Callback = (...args) => Reflect.apply(original, owner, args)
  return Object.defineProperty(run, 'name', { value: original.name })
}

/** The name under which the model, or a record, knows a tool. */
function toolName(tool: unknown): string {
  return (
    textOf(tool, 'name') ||
    textOf(propertyOf(tool, 'function'), 'name') ||
    textOf(propertyOf(tool, 'tool'), 'name') ||
    textOf(tool, 'server_label') ||
    textOf(tool, 'type')
  )
}

function whyNot(tool: unknown): string {
  switch (propertyOf(tool, 'type')) {
    case 'function':
      return 'it has no function that could be guarded'
    case 'custom':
      return 'it takes free text, which cannot be judged'
    case 'mcp':
      return 'OpenAI calls it; only with `require_approval: always` does it ask `approveMcp` first'
    default:
      return 'it does not run here'
  }
}
