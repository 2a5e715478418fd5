import type { ScriptedCall } from '@capfence/conformance'
import { type BaseMessage, ToolMessage } from '@langchain/core/messages'
import { type DynamicStructuredTool, type ToolRunnableConfig, tool } from '@langchain/core/tools'
import { Command, MemorySaver } from '@langchain/langgraph'
import { type AgentMiddleware, createAgent } from 'langchain'
import { z } from 'zod'
import { type LangChainTool, guardTools } from '../src/index.ts'
import { capfenceMiddleware } from '../src/middleware.ts'
import { scripted } from './fixture/case-tool.ts'
import { HOST, type TestGate } from './gate.ts'

/** What a tool was run with, by tool. */
export type Runs = [tool: string, args: unknown][]

const SCHEMA = z.object({ amount: z.number().optional(), file: z.string().optional() })

/** A tool that notes its runs. */
export function noting(
  name: string,
  runs: Runs,
  give: (args: object) => unknown = () => `${name} done`,
): DynamicStructuredTool {
  return tool(
    async (args: object, _config: ToolRunnableConfig) => {
      runs.push([name, args])
      return give(args)
    },
    { name, description: `The tool ${name}.`, schema: SCHEMA },
  )
}

/** One conversation with an agent that pauses to ask. */
export interface Talk {
  /** Runs until it ends or pauses, and gives what it paused over. */
  readonly start: () => Promise<readonly Paused[]>
  /** Goes on after a pause. */
  readonly resume: (resume: unknown) => Promise<readonly Paused[]>
  /** What the model was told, by the id of the call. */
  readonly told: () => Readonly<Record<string, string>>
}

/** A pause, as whoever invoked the agent sees it. */
interface Paused {
  readonly id?: string | undefined
  readonly value?: unknown
}

/** How an agent of a test is made. */
export interface TalkInit {
  readonly gate: TestGate
  readonly tools: readonly LangChainTool[]
  readonly turns: readonly (readonly ScriptedCall[])[]
  readonly version?: 'v1' | 'v2'
  readonly middleware?: readonly AgentMiddleware[]
  /** `guardTools` with `approval: 'interrupt'` where left out. */
  readonly guard?: (tools: readonly LangChainTool[]) => readonly LangChainTool[]
}

/** An agent over tools that are guarded so that they pause to ask. */
export function talk({ gate, tools, turns, version = 'v2', middleware = [], guard }: TalkInit): Talk {
  const options = { ...HOST, approval: 'interrupt' } as const
  const guarded = guard?.(tools) ?? guardTools(gate.runtime, tools, options)
  const backstop = guard === undefined ? [capfenceMiddleware(gate.runtime, options)] : []
  const agent = createAgent({
    model: scripted(turns),
    tools: [...guarded],
    middleware: [...middleware, ...backstop] as AgentMiddleware[],
    checkpointer: new MemorySaver(),
    version,
  })
  const thread = { configurable: { thread_id: 'thread' } }
  let messages: readonly BaseMessage[] = []
  const invoked = async (input: unknown): Promise<readonly Paused[]> => {
    const state = (await agent.invoke(input as never, thread)) as { messages: BaseMessage[]; __interrupt__?: Paused[] }
    messages = state.messages
    return state.__interrupt__ ?? []
  }
  return {
    start: () => invoked({ messages: [{ role: 'user', content: 'go on' }] }),
    resume: (resume) => invoked(new Command({ resume })),
    told: () =>
      Object.fromEntries(
        messages
          .filter((message) => ToolMessage.isInstance(message))
          .map(({ tool_call_id, text }) => [tool_call_id, text]),
      ),
  }
}
