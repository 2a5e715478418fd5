import { adapterCases } from '@capfence/conformance'
import { describe, test } from 'vitest'
import { langchainFixture } from './fixture/fixture.ts'

describe.each(['v1', 'v2'] as const)('createAgent %s', (version) => {
  const fixture = langchainFixture(version)
  for (const { id, needs, run } of adapterCases) {
    test.skipIf(needs !== undefined && !fixture.has[needs])(id, () => run(fixture))
  }
})
