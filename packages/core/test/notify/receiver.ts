import { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** One request as a receiver sees it. */
export interface Hit {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A real server of this test alone: what it was sent, and where it listens. */
export interface Receiver {
  readonly host: string
  readonly url: string
  readonly hits: readonly Hit[]
}

type Reply = (response: ServerResponse, hit: number) => void

/** Listens on a free port of loopback until the test ends. `reply` answers, or leaves the caller waiting. */
export async function receiver(reply: Reply): Promise<Receiver> {
  const hits: Hit[] = []
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const { method, url, headers } = request
      reply(response, hits.push({ method, url, headers, body }))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const host = `127.0.0.1:${String((server.address() as AddressInfo).port)}`
  return { host, url: `http://${host}/hook/path-is-private?token=query-is-private`, hits }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString('utf8')
}

/** Answers each hit with its status, the last one over and over. */
export function answering(...statuses: readonly number[]): Reply {
  return (response, hit) => {
    response.writeHead(statuses[Math.min(hit, statuses.length) - 1] ?? 200).end('an answer that nobody reads')
  }
}
