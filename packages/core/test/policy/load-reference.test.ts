import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { warningsOf } from '../support/policy-findings.ts'

const PAGE = readFileSync(new URL('../../../../docs/reference/policy.md', import.meta.url), 'utf8')
const BLOCKS = [...PAGE.matchAll(/```yaml\n(?<text>[^`]*)```/g)].map((match) => match.groups?.['text'] ?? '')

test('the-reference-shows-policies', () => {
  expect(BLOCKS.length).toBeGreaterThan(3)
})

test.each(BLOCKS)('every-policy-of-the-reference-loads-without-a-warning: %#', async (text) => {
  expect(await warningsOf(text)).toEqual([])
})
