import type { CaseSetup } from '@capfence/conformance'
import type { Ungated } from '@capfence/core'
import {
  type Computer,
  type Tool,
  applyPatchTool,
  codeInterpreterTool,
  computerTool,
  fileSearchTool,
  hostedMcpTool,
  imageGenerationTool,
  shellTool,
  toolSearchTool,
  webSearchTool,
} from '@openai/agents'
import { guardTools } from '../../src/agents/index.ts'
import { hostOf } from '../kit.ts'

const computer: Computer = {
  environment: 'mac',
  dimensions: [1, 1],
  screenshot: async () => '',
  click: async () => undefined,
  doubleClick: async () => undefined,
  drag: async () => undefined,
  keypress: async () => undefined,
  move: async () => undefined,
  scroll: async () => undefined,
  type: async () => undefined,
  wait: async () => undefined,
}

const completed = async (): Promise<{ readonly status: 'completed' }> => ({ status: 'completed' })

const KINDS: Readonly<Record<string, Tool>> = {
  'a local shell': shellTool({ shell: { run: async () => ({ output: [] }) } }),
  'a hosted shell': shellTool({ environment: { type: 'container_auto' } }),
  'a computer': computerTool({ computer }),
  'a patch editor': applyPatchTool({
    editor: { createFile: completed, updateFile: completed, deleteFile: completed },
  }),
  'web search': webSearchTool(),
  'file search': fileSearchTool('store'),
  'a code interpreter': codeInterpreterTool(),
  'image generation': imageGenerationTool(),
  'tool search': toolSearchTool(),
  'a hosted MCP server': hostedMcpTool({ serverLabel: 'files', serverUrl: 'https://mcp.invalid' }),
  'a hosted MCP server that asks': hostedMcpTool({
    serverLabel: 'files',
    serverUrl: 'https://mcp.invalid',
    requireApproval: 'always',
    onApproval: async () => ({ approve: true }),
  }),
}

/** Each kind of tool of the SDK that is no function. */
export function ungateable(setup: CaseSetup): Readonly<Record<string, (ungated?: Ungated) => unknown>> {
  return Object.fromEntries(
    Object.entries(KINDS).map(([name, tool]) => [
      name,
      (ungated?: Ungated) => guardTools(setup.runtime, [tool], { ...hostOf(setup), ungated }),
    ]),
  )
}
