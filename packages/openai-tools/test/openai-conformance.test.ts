import { adapterCases } from '@capfence/conformance'
import { describe, test } from 'vitest'
import { chatLoopKit, responsesLoopKit, runnerKit, stagedRunnerKit } from './loop-kits.ts'
import { openaiFixture } from './openai-fixture.ts'
import { parseKit, textKit, zodKit } from './run-tools-kits.ts'

const kits = [textKit, parseKit, zodKit, chatLoopKit, responsesLoopKit, runnerKit, stagedRunnerKit]

describe.each(kits.map(openaiFixture))('$name', (fixture) => {
  // What a framework cannot do at all is no case of its adapter.
  const cases = adapterCases.filter(({ needs }) => needs === undefined || fixture.has[needs])
  test.each(cases)('$id', ({ run }) => run(fixture))
})
