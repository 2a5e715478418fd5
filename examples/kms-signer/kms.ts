import { generateKeyPairSync, sign } from 'node:crypto'
import { once } from 'node:events'
import { type IncomingMessage, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { formatVkey } from '@capfence/core/audit'

/** How the service is today. `wrong`: it signs something else than it was asked to. */
export type Mood = 'well' | 'slow' | 'wrong' | 'refusing'

/** A key service on loopback, as a cloud has one: it signs what it is handed, and the key never leaves it. */
export interface Kms {
  readonly url: string
  mood: Mood
  /** How often it signed. */
  readonly signed: number
  close(): void
}

/** Starts a service with a key of its own. */
export async function startKms(): Promise<Kms> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const raw = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32))
  const vkey = formatVkey('kms.example.audit', raw)
  let mood: Mood = 'well'
  let signed = 0

  const server = createServer((request, response) => {
    void answer(request).then(({ status, body }) => response.writeHead(status).end(body))
  })

  async function answer(request: IncomingMessage): Promise<{ status: number; body: string | Uint8Array }> {
    if (request.method === 'GET') return { status: 200, body: vkey }
    const message = Buffer.concat(await request.toArray())
    if (mood === 'refusing') return { status: 503, body: 'no quota left' }
    if (mood === 'slow') await pause(3_000)
    signed += 1
    return { status: 200, body: sign(null, mood === 'wrong' ? Buffer.from('something else') : message, privateKey) }
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`, // a TCP server has a port
    get mood() {
      return mood
    },
    set mood(next) {
      mood = next
    },
    get signed() {
      return signed
    },
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
