import { adapterCases } from '@capfence/conformance'
import { describe, test } from 'vitest'
import { langchainFixture } from './fixture/fixture.ts'

describe.each(['v1', 'v2'] as const)('createAgent %s', (version) => {
  const fixture = langchainFixture(version)
  // What a framework cannot do at all is no case of its adapter.
  const cases = adapterCases.filter(({ needs }) => needs === undefined || fixture.has[needs])
  test.each(cases)('$id', ({ run }) => run(fixture))
})
