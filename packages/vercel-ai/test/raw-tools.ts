import type { CaseTool } from '@capfence/conformance'
import type { Tool, ToolSet } from 'ai'
import { z } from 'zod'

type Args = Record<string, unknown>

/** The schema of every case's tool. */
export const INPUT = z.object({
  amount: z.number().optional(),
  file: z.string().optional(),
  to: z.string().optional(),
  note: z.string().optional(),
})

/** Unguarded tools, as a program would write them. */
export function rawTools(tools: readonly CaseTool[]): ToolSet {
  // Entries, so that `__proto__` becomes a tool of its own.
  return Object.fromEntries(tools.map((tool) => [tool.name, rawTool(tool)]))
}

function rawTool({ description, run, stream }: CaseTool): Tool {
  if (stream === undefined) {
    return { description, inputSchema: INPUT, execute: async (args: Args, { abortSignal }) => run(args, abortSignal) }
  }
  return {
    description,
    inputSchema: INPUT,
    execute: async function* (args: Args) {
      yield* stream(args)
    },
  }
}
