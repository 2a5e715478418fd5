import { type AdapterFixture, adapterCases, adapterMutants } from '@capfence/conformance'
import { describe, expect, test } from 'vitest'
import { vercelFixture } from './fixture.ts'
import { sdk6, sdk7 } from './sdk.ts'
import { agentGenerated, agentStreamed, generated, streamed } from './talk.ts'

const FIXTURES = [sdk7, sdk6].flatMap((sdk) =>
  [
    { way: 'generateText', fixture: vercelFixture({ sdk, talk: generated, streams: false }) },
    { way: 'streamText', fixture: vercelFixture({ sdk, talk: streamed, streams: true }) },
    { way: 'ToolLoopAgent.generate', fixture: vercelFixture({ sdk, talk: agentGenerated, streams: false }) },
    { way: 'ToolLoopAgent.stream', fixture: vercelFixture({ sdk, talk: agentStreamed, streams: true }) },
  ].map((one) => ({ ...one, major: sdk.major })),
)

const applies = ({ has }: AdapterFixture, needs: keyof AdapterFixture['has'] | undefined): boolean =>
  needs === undefined || has[needs]

describe.each(FIXTURES)('ai $major through $way', ({ fixture }) => {
  test.each(adapterCases.filter(({ needs }) => applies(fixture, needs)))('$id', async ({ run }) => {
    await run(fixture)
  })
})

describe('wrong adapters of ai 7', () => {
  const fixture = vercelFixture({ sdk: sdk7, talk: streamed, streams: true })
  const caseById = new Map(adapterCases.map((adapterCase) => [adapterCase.id, adapterCase]))
  const claims = adapterMutants.flatMap(({ id, fails, wrong }) => fails.map((failed) => ({ id, failed, wrong })))

  test.each(claims)('$id fails $failed', async ({ failed, wrong }) => {
    const named = caseById.get(failed)
    if (named === undefined) throw new Error(`there is no case ${failed}`)
    await expect(named.run(wrong(fixture))).rejects.toThrow()
  })
})
