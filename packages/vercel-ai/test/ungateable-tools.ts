import { type Tool, toolSearch } from 'ai'
import { INPUT } from './raw-tools.ts'

const described = { description: 'A tool.', inputSchema: INPUT }

/** A tool of each kind that no code of this process runs, or that runs code before any verdict. */
export const ungateableTools: Readonly<Record<string, Tool>> = {
  confirm: described,
  web_search: {
    type: 'provider',
    id: 'openai.web_search',
    args: {},
    inputSchema: INPUT,
    isProviderExecuted: true,
  } as never,
  // A provider's tool of `ai` 6 does not say who executes it.
  code_execution: { type: 'provider', id: 'anthropic.code_execution', args: {}, inputSchema: INPUT } as never,
  // An `execute` that is never called.
  file_search: {
    type: 'provider',
    id: 'openai.file_search',
    args: {},
    inputSchema: INPUT,
    isProviderExecuted: true,
    execute: () => 'never called',
  } as never,
  find: toolSearch({ search: () => [] }),
  early: { ...described, execute: () => 'late', onInputAvailable: () => undefined },
  typing: { ...described, execute: () => 'late', onInputDelta: () => undefined },
}
