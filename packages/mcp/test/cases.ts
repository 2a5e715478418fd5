import { type AdapterFixture, adapterCases } from '@capfence/conformance'
import { describe, test, vi } from 'vitest'
import type { Pairing } from './fixture.ts'
import { clientV1, clientV2 } from './sdk-clients.ts'
import { serverV1, serverV2 } from './sdk-servers.ts'

// Both SDKs take their time to load on machines that are busy.
vi.setConfig({ testTimeout: 30_000 })

/** Each SDK major with each. */
export const PAIRS: readonly Omit<Pairing, 'gate'>[] = [clientV1, clientV2].flatMap((client) =>
  [serverV1, serverV2].map((server) => ({ client, server })),
)

/** A pair's name. */
export function versions({ client, server }: Omit<Pairing, 'gate'>): string {
  return `client v${String(client.major)}, server v${String(server.major)}`
}

/** Holds fixtures against the cases that apply to them. */
export function holdAgainstCases(
  fixtures: readonly { readonly name: string; readonly fixture: AdapterFixture }[],
  without: ReadonlySet<string> = new Set(),
): void {
  describe.each(fixtures)('$name', ({ fixture }) => {
    const cases = adapterCases.filter(
      ({ id, needs }) => !without.has(id) && (needs === undefined || fixture.has[needs]),
    )
    test.each(cases)('$id', async ({ run }) => {
      await run(fixture)
    })
  })
}
