const CALLER = 'experimental_toolCaller'

/**
 * What makes a tool a caller of other tools, with what it binds guarded too: the SDK executes that in place of the tool
 * itself. Nothing where the tool is no such caller.
 */
export function boundCaller(tool: object, guarded: (bound: unknown) => unknown): Readonly<Record<string, unknown>> {
  const caller: unknown = Reflect.get(tool, CALLER)
  if (!isLocal(caller)) return {}
  return { [CALLER]: { ...caller, bind: (tools: unknown) => guarded(caller.bind(tools)) } }
}

function isLocal(caller: unknown): caller is { readonly bind: (tools: unknown) => unknown } {
  return typeof caller === 'object' && caller !== null && 'bind' in caller && typeof caller.bind === 'function'
}
