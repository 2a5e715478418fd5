import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const here = import.meta.dirname
const stories = readdirSync(here).filter((name) => existsSync(join(here, name, 'demo.ts')))

test('there-are-stories', () => {
  expect(stories).toEqual(expect.arrayContaining(['payment-threshold', 'session-grant', 'sixty-seconds']))
})

test.each(stories)('the-story-is-true: %s', { timeout: 120_000 }, (name) => {
  const demo = join(here, name, 'demo.ts')
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--conditions=@capfence/source', demo], {
    encoding: 'utf8',
  })
  expect(status, `${stdout}\n${stderr}`).toBe(0)
})
