/** Versions of the frameworks that are installed side by side, and the stories that run on them. */
export interface End {
  readonly name: string
  /** The packages of the repository that are installed, by the names of their folders. */
  readonly packages: readonly string[]
  readonly frameworks: Readonly<Record<string, string>>
  readonly stories: readonly string[]
  /** Texts of the stories that this end needs otherwise, and what stands there instead. */
  readonly otherwise?: Readonly<Record<string, string>>
}

const STORIES = ['langchain-agent', 'openai-tools-agent', 'vercel-ai-agent'] as const
const ALL = ['core', 'cli', 'mcp', 'conformance', 'langchain', 'openai-tools', 'vercel-ai'] as const
const TOOLS = { zod: 'catalog:', '@types/node': 'catalog:' } as const

/** What the repository itself is tested with: the newest there is. */
export const NEWEST: End = {
  name: 'newest',
  packages: ALL,
  frameworks: {
    ...TOOLS,
    '@langchain/core': 'catalog:',
    '@langchain/langgraph': 'catalog:',
    '@openai/agents': 'catalog:',
    ai: 'catalog:',
    langchain: 'catalog:',
    openai: 'catalog:',
  },
  stories: STORIES,
}

/** The lower end of each range of peers. */
export const LOWEST: End = {
  name: 'lowest',
  packages: ALL,
  frameworks: {
    ...TOOLS,
    // 1.2.13 would do for this package alone, but `@langchain/langgraph` 1.7.0 asks for 1.3.4.
    '@langchain/core': '1.3.4',
    '@langchain/langgraph': '1.7.0',
    '@openai/agents': '0.20.0',
    '@opentelemetry/api': '1.9.0',
    // Before 7.0.82 the SDK drops the reason of an approval, and with it the id of the request.
    ai: '7.0.82',
    // The lower end of the older major, for the cases that run both side by side.
    ai6: 'npm:ai@6.0.0',
    langchain: '1.5.0',
    // 7.32.0 and older have no `openai/helpers/responses-tool-runner`, whose types this adapter's types name.
    openai: '7.33.0',
  },
  stories: STORIES,
}

/** The lower end of the older major of `ai`. */
export const AI_6: End = {
  name: 'ai 6',
  packages: ['core', 'cli', 'mcp', 'vercel-ai'],
  frameworks: { ...TOOLS, ai: '6.0.0' },
  stories: ['vercel-ai-agent'],
  otherwise: { MockLanguageModelV4: 'MockLanguageModelV3' },
}

/** The lowest version that each alternative of a range takes. */
export function lowestOf(range: string): readonly string[] {
  return range.split('||').map((part) => /\d+(?:\.\d+)*/u.exec(part)?.[0] ?? part)
}
