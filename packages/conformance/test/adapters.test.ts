import { adapterCases, adapterMutants } from '@capfence/conformance'
import { describe, expect, test } from 'vitest'
import { plainFixture } from './adapter-plain.ts'

describe('the plain adapter', () => {
  test.each(adapterCases)('$id', async ({ run }) => {
    await run(plainFixture)
  })
})

describe('wrong adapters', () => {
  const caseById = new Map(adapterCases.map((adapterCase) => [adapterCase.id, adapterCase]))
  const claims = adapterMutants.flatMap(({ id, fails, wrong }) => fails.map((failed) => ({ id, failed, wrong })))

  test.each(claims)('$id fails $failed', async ({ failed, wrong }) => {
    const named = caseById.get(failed)
    if (named === undefined) throw new Error(`there is no case ${failed}`)
    await expect(named.run(wrong(plainFixture))).rejects.toThrow()
  })

  test('every-case-fails-on-some-wrong-adapter', () => {
    const proven = new Set(adapterMutants.flatMap(({ fails }) => fails))
    expect(adapterCases.map(({ id }) => id).filter((id) => !proven.has(id))).toEqual([])
  })
})
