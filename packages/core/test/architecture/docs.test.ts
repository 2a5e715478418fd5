import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../../../..')
const MARK = /<!-- example: (?<file>\S+)#(?<region>\S+) -->\n```ts\n[\s\S]*?```/g

const pages = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter((page) => page !== '' && existsSync(join(ROOT, page)))

test('code-in-the-documentation-is-the-code-of-the-examples', () => {
  let shown = 0
  for (const page of pages) {
    const text = readFileSync(join(ROOT, page), 'utf8')
    const inStep = text.replace(MARK, (_all, file: string, region: string) => {
      shown += 1
      return `<!-- example: ${file}#${region} -->\n\`\`\`ts\n${regionOf(file, region)}\`\`\``
    })
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(join(ROOT, page), inStep)
    else expect(text, `${page} is out of step: run it again with UPDATE_DOCS=1`).toBe(inStep)
  }
  expect(shown).toBeGreaterThan(0)
})

test('every-link-in-the-documentation-leads-somewhere', () => {
  const broken = pages.flatMap((page) =>
    [...readFileSync(join(ROOT, page), 'utf8').matchAll(/\]\((?!https?:|#|mailto:)(?<target>[^)#\s]+)[^)]*\)/g)]
      .map((link) => link.groups?.['target'] ?? '')
      .filter((target) => !existsSync(join(ROOT, dirname(page), target)))
      .map((target) => `${page}: ${target}`),
  )
  expect(broken).toEqual([])
})

test('every-guarantee-of-the-readme-links-to-a-test', () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
  const section = readme.split('## What it guarantees')[1]?.split('\n## ')[0] ?? ''
  const claims = section.split('\n').filter((line) => line.startsWith('- '))
  expect(claims.length).toBeGreaterThan(5)
  expect(claims.filter((claim) => !/\]\(\S+\.test\.ts\)/.test(claim))).toEqual([])
})

test('the-readme-gives-the-two-commands', () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
  expect(readme).toContain('\nnpx --yes pnpm@12 demo\n')
  expect(readme).toContain('\nnpx --yes pnpm@12 test\n')
})

function regionOf(file: string, region: string): string {
  const text = readFileSync(join(ROOT, file), 'utf8')
  const [, body] = new RegExp(`// #region ${region}\\n([\\s\\S]*?)// #endregion ${region}`).exec(text) ?? []
  if (body === undefined) throw new Error(`${file} has no region ${region}`)
  return body
}
