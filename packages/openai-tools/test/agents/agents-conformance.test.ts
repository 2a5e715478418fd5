import { adapterCases } from '@capfence/conformance'
import { describe, test } from 'vitest'
import { agentsFixture } from './agents-fixture.ts'

describe('openai-agents', () => {
  for (const { id, needs, run } of adapterCases) {
    test.skipIf(needs !== undefined && !agentsFixture.has[needs])(id, () => run(agentsFixture))
  }
})
