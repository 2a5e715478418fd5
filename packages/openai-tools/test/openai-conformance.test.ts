import { adapterCases } from '@capfence/conformance'
import { describe, test } from 'vitest'
import { chatLoopKit, responsesLoopKit, runnerKit, stagedRunnerKit } from './loop-kits.ts'
import { openaiFixture } from './openai-fixture.ts'
import { parseKit, textKit, zodKit } from './run-tools-kits.ts'

const kits = [textKit, parseKit, zodKit, chatLoopKit, responsesLoopKit, runnerKit, stagedRunnerKit]

describe.each(kits.map(openaiFixture))('$name', (fixture) => {
  for (const { id, needs, run } of adapterCases) {
    test.skipIf(needs !== undefined && !fixture.has[needs])(id, () => run(fixture))
  }
})
