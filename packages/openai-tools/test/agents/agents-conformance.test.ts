import { adapterCases } from '@capfence/conformance'
import { describe, test } from 'vitest'
import { agentsFixture } from './agents-fixture.ts'

describe('openai-agents', () => {
  // What a framework cannot do at all is no case of its adapter.
  const cases = adapterCases.filter(({ needs }) => needs === undefined || agentsFixture.has[needs])
  test.each(cases)('$id', ({ run }) => run(agentsFixture))
})
