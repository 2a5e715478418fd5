import { DynamicStructuredTool, DynamicTool, StructuredTool, Tool, isRunnableToolLike } from '@langchain/core/tools'

// Every public way into a tool that leads to `_call`, where the gate stands.
const ENTRIES = ['invoke', 'batch', 'stream', 'transform', 'streamEvents', 'streamLog', '_streamIterator', 'call']
const BASES: readonly object[] = [StructuredTool, Tool, DynamicTool, DynamicStructuredTool].map(
  ({ prototype }) => prototype,
)

/** Why a tool cannot be guarded; undefined where it can. */
export function whyUngateable(tool: unknown): string | undefined {
  if (isRunnableToolLike(tool)) {
    return 'a runnable as a tool has no innermost call; make it with `tool((input, config) => runnable.invoke(input, config), …)`'
  }
  if (!(tool instanceof StructuredTool)) {
    return 'it is not a `StructuredTool` of the installed `@langchain/core`, so a provider or a client may run it'
  }
  if (tool.metadata?.['headlessTool'] === true) return 'a client runs it'
  const own = ENTRIES.find((entry) => !isInherited(tool, entry))
  return own === undefined ? undefined : `its own \`${own}\` may act before the gate`
}

function isInherited(tool: object, entry: string): boolean {
  const found: unknown = Reflect.get(tool, entry)
  return BASES.some((base) => Reflect.get(base, entry) === found)
}

/** What a tool of any kind is called. */
export function nameOf(tool: unknown): string {
  if (typeof tool !== 'object' || tool === null) return 'unnamed'
  const names: readonly unknown[] = [Reflect.get(tool, 'name'), Reflect.get(tool, 'type')]
  return names.find((name) => typeof name === 'string') ?? 'unnamed'
}
