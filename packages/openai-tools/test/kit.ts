import type { CaseSetup, CaseTool, ScriptedCall, Ways } from '@capfence/conformance'
import type OpenAI from 'openai'
import { z } from 'zod'

/** What any of OpenAI's helpers makes of a tool. */
export type AnyTool = { readonly type: string }

/** The arguments of a tool of the cases. */
export type Args = Record<string, unknown>

/** A call by hand, whose arguments can be exchanged while it is under way. */
export interface Hand {
  readonly start: () => Promise<unknown>
  readonly spoil: (evil: Args) => void
}

/** One way to have OpenAI's tools run: how a tool is made, guarded, driven by the model and called by hand. */
export interface Kit {
  readonly name: string
  readonly callIds: boolean
  readonly make: (tool: CaseTool) => object
  readonly guard: (setup: CaseSetup, tools: readonly object[]) => readonly object[]
  readonly drive: (setup: CaseSetup, client: OpenAI, tools: readonly object[]) => Promise<unknown>
  readonly hand: (setup: CaseSetup, tool: object, call: ScriptedCall) => Hand
  /** More public ways to call a guarded tool. */
  readonly ways?: (setup: CaseSetup, tool: object, call: ScriptedCall) => Ways
}

/** What the fixtures hand to every wrapper. */
export const hostOf = ({ host, run }: CaseSetup): CaseSetup['host'] & { readonly runOf: () => string } => ({
  ...host,
  runOf: () => run,
})

/** The schema of every tool of the cases. */
export const SCHEMA = {
  type: 'object',
  properties: {
    amount: { type: 'number' },
    file: { type: 'string' },
    to: { type: 'string' },
    note: { type: 'string' },
  },
  additionalProperties: false,
} as const

/** The same as zod says it. */
export const zodSchema: z.ZodType<Args> & z.ZodObject = z.object({
  amount: z.number().nullish(),
  file: z.string().nullish(),
  to: z.string().nullish(),
  note: z.string().nullish(),
})

/** A conversation before the model has said anything. */
export const CHAT = { model: 'fake', messages: [{ role: 'user' as const, content: 'go' }] }
