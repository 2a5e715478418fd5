import type { Signer } from '@capfence/core'
import { parseVkey } from '@capfence/core/audit'

/**
 * A signer whose key is elsewhere. Whatever goes wrong is thrown: then nothing is stored and nothing runs. What it gives
 * is verified before it is believed, so a service that signs wrongly cannot spoil the trail.
 */
export async function kmsSigner(url: string): Promise<Signer> {
  const vkey = await (await fetch(url)).text()
  return {
    vkey,
    keyId: parseVkey(vkey).keyId,
    sign: async (message) => {
      const answer = await fetch(url, { method: 'POST', body: Uint8Array.from(message) })
      if (!answer.ok) throw new Error(`the key service answered ${String(answer.status)}`)
      return new Uint8Array(await answer.arrayBuffer())
    },
  }
}
