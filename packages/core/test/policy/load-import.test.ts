import { execFileSync } from 'node:child_process'
import { expect, test, vi } from 'vitest'

const SCRIPT = `
import { registerHooks } from 'node:module'
const seen = []
registerHooks({ resolve: (specifier, context, next) => (seen.push(specifier), next(specifier, context)) })
const policy = await import(process.argv[1])
const before = seen.length
await policy.parsePolicyText('version: 1\\nallow: [a.b.c]')
console.log(JSON.stringify([seen.slice(0, before), seen.slice(before)]))
`

const PARSERS = ['yaml', 'zod', 're2js', 'unbash', 'libpg-query']

// A process of its own, on machines that may be busy.
vi.setConfig({ testTimeout: 60_000 })

test('importing-the-entry-loads-no-parser-and-loading-a-policy-does', () => {
  const entry = new URL('../../src/policy/index.ts', import.meta.url).href
  const printed = execFileSync(process.execPath, ['--input-type=module', '-e', SCRIPT, entry], { encoding: 'utf8' })
  const [before, after] = JSON.parse(printed) as [string[], string[]]
  expect(before.filter((specifier) => PARSERS.includes(specifier))).toEqual([])
  expect(after).toEqual(expect.arrayContaining(['yaml', 'zod', 're2js', 'unbash']))
  // PostgreSQL's parser is large: only a policy that declares SQL pays for it.
  expect(after).not.toContain('libpg-query')
})
