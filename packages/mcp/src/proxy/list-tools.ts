import { own } from '../gate/message.ts'
import type { Message, OpenBack } from './back.ts'
import { resolvesWithin } from './time.ts'

/** How to ask a server for its tools. */
export interface ListToolsOptions {
  readonly openBack: OpenBack
  readonly say: (text: string) => void
  /** How long each answer may take; 60 s where left out. */
  readonly timeoutMs?: number | undefined
}

const DEFAULT_TIMEOUT_MS = 60_000
const MAX_PAGES = 1_000

/** All tools that a server lists, as it says them. Rejects where it does not answer, or answers with an error. */
export async function listTools({
  openBack,
  say,
  timeoutMs = DEFAULT_TIMEOUT_MS,
}: ListToolsOptions): Promise<readonly unknown[]> {
  const waiting = new Map<unknown, (answer: Message) => void>()
  const gone = Promise.withResolvers<never>()
  gone.promise.catch(() => undefined) // who asks is told
  const back = await openBack({
    message: async (message) => {
      if (typeof message['method'] !== 'string') waiting.get(message['id'])?.(message)
      await Promise.resolve()
    },
    say,
    closed: (why) => {
      gone.reject(new Error(why))
    },
  })
  const ask = async (method: string, params: object): Promise<unknown> => {
    const id = waiting.size + 1
    const answer = new Promise<Message>((resolve) => {
      waiting.set(id, resolve)
    })
    await back.send({ jsonrpc: '2.0', id, method, params })
    const first = Promise.race([answer, gone.promise])
    if (!(await resolvesWithin(first, timeoutMs))) throw new Error(`the server did not answer \`${method}\` in time`)
    const { result, error } = await first
    if (error !== undefined)
      throw new Error(`the server answered \`${method}\` with an error: ${String(own(error, 'message'))}`)
    return result
  }
  try {
    const clientInfo = { name: 'capfence', version: '0' }
    await ask('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo })
    await back.send({ jsonrpc: '2.0', method: 'notifications/initialized' })
    const tools: unknown[] = []
    let cursor: unknown
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const listed = await ask('tools/list', cursor === undefined ? {} : { cursor })
      const found = own(listed, 'tools')
      if (!Array.isArray(found)) throw new Error('the server listed no tools')
      tools.push(...(found as readonly unknown[]))
      cursor = own(listed, 'nextCursor')
      if (cursor === undefined) return tools
    }
    throw new Error('the list of tools has no end')
  } finally {
    await back.close()
  }
}
