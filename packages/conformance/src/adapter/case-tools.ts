import { claim, same } from '../engine/claims.ts'
import type { AdapterFixture, CaseTool, Conversation, ScriptedCall, Told } from './adapter-fixture.ts'

/** Stands in the arguments of calls that are refused, and must never come back. */
export const SECRET = 'sk-live-7f3a'

/** What the tools of the cases give back, unless a case says otherwise. */
export const RESULT: Readonly<Record<string, unknown>> = {
  ok: true,
  lines: ['a "b"', 'ü'],
  at: { deep: [1, 2.5, null] },
}

/** A tool that remembers what it was run with. */
export interface Spy {
  readonly tool: CaseTool
  readonly runs: Record<string, unknown>[]
}

/** A tool that counts its runs and gives what `give` gives. */
export function spy(name: string, give: CaseTool['run'] = () => RESULT): Spy {
  const runs: Record<string, unknown>[] = []
  return {
    runs,
    tool: {
      name,
      description: `The tool ${name}.`,
      run: (args, signal) => {
        runs.push(given(args))
        return give(args, signal)
      },
    },
  }
}

/** Of a tool's arguments what was given: some frameworks fill in members that are missing. */
export function given(args: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined && value !== null))
}

/** What a record calls a tool of the fixture. */
export function recordedTool({ server }: Pick<AdapterFixture, 'server'>, name: string): string {
  return server === undefined ? name : `mcp.${server}.${name}`
}

/** A scripted call with an id of its own. */
export function call(id: string, tool: string, args: ScriptedCall['args'] = {}): ScriptedCall {
  return { id, tool, args }
}

/** What the model was told of a call: by its id, else as the only one or the one at a place. */
export function toldOf(conversation: Conversation, id: string, place = 0): Told {
  const found =
    conversation.told.find((told) => told.id === id) ?? conversation.told.filter((told) => told.id === undefined)[place]
  if (found === undefined) throw new Error(`the model was told nothing of the call \`${id}\``)
  return found
}

/** Rejects unless the model was told of a result that it may use, and of this one. */
export function toldResult(conversation: Conversation, id: string, expected: unknown = RESULT): void {
  const told = toldOf(conversation, id)
  claim(!told.isError, `the result of \`${id}\` came as an error: ${told.text}`)
  same(valueOf(told.text), expected, `the result that the model was told of \`${id}\``)
}

/** Rejects unless the model was told of a refusal as an error from which it can go on, that names why. */
export function toldRefusal({ id = '', isError, text }: Told, names: string): void {
  claim(isError, `the refusal of the call \`${id}\` came as a result: ${text}`)
  claim(
    text.includes('CapFence') && text.includes(names),
    `the refusal of \`${id}\` does not name \`${names}\`: ${text}`,
  )
  claim(!text.includes(SECRET), `the refusal of \`${id}\` repeats the input: ${text}`)
}

/** Rejects unless a tool ran with just these arguments, in this order. */
export function ranWith({ tool, runs }: Spy, ...expected: readonly object[]): void {
  same(runs, expected, `the runs of \`${tool.name}\``)
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text // a plain text is a result as well
  }
}
