import { globMatches } from '../action/pattern.ts'
import type { ToolBinding } from '../action/tool-binding.ts'
import { type Amount, amountOf } from '../facts/amount.ts'
import { type ArgPath, argReader, namesSeveral, readArg } from '../facts/arg-path.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import { argPath } from './arg-path.ts'

/** Where a tool's amounts stand in its arguments, and how they are read. */
interface AmountSource {
  /** As a policy names it, for example `args.amount`. */
  readonly name: string
  /** The path into `args`, as `tools` writes it. */
  readonly path: string
  /** What stands there; undefined for what is missing. */
  values(args: JsonObject): readonly (Json | undefined)[]
  /** The amounts; undefined for what is missing or none. */
  amounts(args: JsonObject): readonly (Amount | undefined)[]
}

/** What `tools` declares, ready to be looked up by a tool's name. */
export interface ToolBindings {
  bindingOf(tool: string): ToolBinding | undefined
  /** The bound amount of a tool, else `args.amount`. */
  amountOf(tool: string | undefined): AmountSource
}

interface Bound {
  readonly binding: ToolBinding
  readonly amount: AmountSource
}

const DEFAULT_AMOUNT = amountSource(argPath('amount'))

/** Looks a tool up by its exact name, else by the longest literal prefix of a key with `*`. */
export function toolBindings(tools: ReadonlyMap<string, ToolBinding>): ToolBindings {
  const exact = new Map<string, Bound>()
  const globs: (Bound & { readonly glob: string })[] = []
  for (const [key, binding] of tools) {
    const { amount } = binding
    const bound = { binding, amount: amount === undefined ? DEFAULT_AMOUNT : amountSource(argPath(amount)) }
    if (key.includes('*')) globs.push({ ...bound, glob: key })
    else exact.set(key, bound)
  }
  globs.sort((left, right) => right.glob.indexOf('*') - left.glob.indexOf('*'))
  const find = (tool: string): Bound | undefined => exact.get(tool) ?? globs.find(({ glob }) => globMatches(glob, tool))
  return {
    bindingOf: (tool) => find(tool)?.binding,
    amountOf: (tool) => (tool === undefined ? undefined : find(tool)?.amount) ?? DEFAULT_AMOUNT,
  }
}

function amountSource(path: ArgPath): AmountSource {
  const values = (args: JsonObject): readonly (Json | undefined)[] => readArg(args, path)
  const read = argReader(path)
  return {
    name: argName(path),
    path: path.text,
    values,
    amounts: namesSeveral(path) ? (args) => values(args).map(amountOf) : (args) => [amountOf(read(args))],
  }
}

/** A path as a policy's messages name it: `args.a.b`, `args["odd.key"]`. */
export function argName(path: ArgPath): string {
  return path.text.startsWith('[') ? `args${path.text}` : `args.${path.text}`
}
