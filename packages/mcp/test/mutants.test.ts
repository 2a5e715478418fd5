import { adapterCases, adapterMutants } from '@capfence/conformance'
import { describe, expect, test, vi } from 'vitest'
import { transportFixture } from './fixture.ts'
import { clientV1 } from './sdk-clients.ts'
import { serverV2 } from './sdk-servers.ts'

// Both SDKs take their time to load on machines that are busy.
vi.setConfig({ testTimeout: 30_000 })

describe('wrong gates', () => {
  const fixture = transportFixture({ client: clientV1, server: serverV2, gate: 'at the server' })
  const caseById = new Map(adapterCases.map((adapterCase) => [adapterCase.id, adapterCase]))
  const applying = adapterMutants.filter(({ needs }) => needs === undefined || fixture.has[needs])
  const claims = applying.flatMap(({ id, fails, wrong }) =>
    fails.flatMap((failed) => {
      const named = caseById.get(failed)
      if (named === undefined) throw new Error(`there is no case ${failed}`)
      return named.needs === undefined || fixture.has[named.needs] ? [{ id, failed, wrong, named }] : []
    }),
  )

  test.each(claims)('$id fails $failed', async ({ named, wrong }) => {
    await expect(named.run(wrong(fixture))).rejects.toThrow()
  })
})
