import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Files } from '../../src/kernel/files.ts'
import { machine, paths } from '../../src/kernel/ports.ts'
import { checkPolicy } from '../../src/policy/load/load-policy.ts'
import { PACKS } from '../../src/policy/load/packs.ts'
import { memoryFiles } from '../support/memory-files.ts'
import { errorsOf, isTold } from '../support/policy-findings.ts'

type Texts = Readonly<Record<string, string>>

/** Policies in memory, beside the packs that ship with the package, or others in their place. */
function withPacks(texts: Texts, packs: Texts = {}): Files {
  const memory = memoryFiles(texts)
  const folder = paths.shipped('policies')
  const shipped = memoryFiles(
    Object.fromEntries(Object.entries(packs).map(([name, text]) => [paths.join(folder, `${name}.yaml`), text])),
  )
  const { files } = machine()
  const of = (path: string): Files => {
    if (!path.startsWith(folder)) return memory
    return shipped.facts(path) === undefined ? files : shipped
  }
  return {
    ...memory,
    read: (path, maxBytes) => of(path).read(path, maxBytes),
    facts: (path) => of(path).facts(path),
    realPath: (path) => of(path).realPath(path),
  }
}

async function told(texts: Texts, packs: Texts = {}): Promise<readonly string[]> {
  const { errors } = await checkPolicy('policy.yaml', withPacks(texts, packs))
  return errors.map(({ file, line, column, message }) => `${file}:${String(line)}:${String(column)}: ${message}`)
}

async function rulesOf(texts: Texts): Promise<readonly string[]> {
  const { model, errors } = await checkPolicy('policy.yaml', withPacks(texts))
  if (model === undefined) throw new Error(errors.map(({ message }) => message).join('\n'))
  return model.rules.map(({ id }) => id)
}

describe('a pack', () => {
  test('adds-its-rules-wherever-the-extending-file-is', async () => {
    const ids = await rulesOf({
      'policy.yaml': 'version: 1\nextends: [deep/er/base.yaml]',
      'deep/er/base.yaml': 'version: 1\nextends: ["capfence:sql/strict"]\nallow: [a.b.c]',
    })
    expect(ids).toContain('sql/strict:reads')
    expect(ids).toContain('base.yaml:allow[0]')
  })

  test.each(PACKS)('is-sound-alone: %s', async (pack) => {
    const { errors } = await checkPolicy(
      'policy.yaml',
      withPacks({ 'policy.yaml': `version: 1\nextends: ["capfence:${pack}"]` }),
    )
    expect(errors).toEqual([])
  })

  test.each(PACKS)('names-every-rule-after-itself-and-says-why-it-stops: %s', async (pack) => {
    const files = withPacks({ 'policy.yaml': `version: 1\nextends: ["capfence:${pack}"]` })
    const { model } = await checkPolicy('policy.yaml', files)
    const rules = model?.rules ?? []
    expect(rules.length).toBeGreaterThan(0)
    expect(rules.filter(({ id }) => !id.startsWith(`${pack}:`))).toEqual([])
    expect(rules.filter(({ effect, reason }) => effect !== 'allow' && reason === undefined)).toEqual([])
    expect(rules.map(({ source }) => source.file)).toEqual(rules.map(() => `capfence:${pack}`))
  })

  test('composes-with-every-other', async () => {
    const packs = PACKS.map((pack) => `"capfence:${pack}"`)
    const { errors } = await checkPolicy(
      'policy.yaml',
      withPacks({ 'policy.yaml': `version: 1\nextends: [${packs.join(', ')}]\nallow: [a.b.c]` }),
    )
    expect(errors).toEqual([])
  })

  test('is-loaded-once-also-where-several-files-extend-it', async () => {
    const ids = await rulesOf({
      'policy.yaml': 'version: 1\nextends: [base.yaml, "capfence:http/strict"]',
      'base.yaml': 'version: 1\nextends: ["capfence:http/strict"]',
    })
    expect(ids.filter((id) => id === 'http/strict:reads')).toHaveLength(1)
  })

  test('tells-its-own-mistakes-by-its-name-and-place', async () => {
    const errors = await told(
      { 'policy.yaml': 'version: 1\nextends: ["capfence:shell/strict"]' },
      { 'shell/strict': 'version: 1\ndeny:\n  - { capability: shell.exec, zebra: 1 }' },
    )
    expect(errors).toEqual([expect.stringMatching(/^capfence:shell\/strict:3:31: /)])
  })

  test('that-cannot-be-read-is-a-mistake-of-who-extends-it', async () => {
    const start = { 'policy.yaml': 'version: 1\nextends: ["capfence:shell/strict"]' }
    const { errors } = await checkPolicy('policy.yaml', memoryFiles(start))
    expect(errors).toEqual([expect.objectContaining({ file: 'policy.yaml', line: 2, column: 11 })])
  })

  test('is-nothing-that-a-text-alone-can-extend', async () => {
    const { parsePolicyText } = await import('../../src/policy/load/load-policy.ts')
    await expect(parsePolicyText('version: 1\nextends: ["capfence:shell/strict"]')).rejects.toThrow('extends nothing')
  })
})

describe('the name of a pack', () => {
  test('that-is-unknown-is-told-with-those-that-there-are', async () => {
    await isTold('version: 1\nextends: [»"capfence:shell/lax"]', 'there is no pack "capfence:shell/lax"')
    const [error = ''] = await errorsOf('version: 1\nextends: ["capfence:shell/lax"]')
    for (const pack of PACKS) expect(error).toContain(`capfence:${pack}`)
  })

  test.each([
    'capfence:',
    'capfence:shell',
    'capfence:shell/',
    'capfence:shell/strict.yaml',
    'capfence:shell/strict.cases',
    'capfence:shell//strict',
    'capfence:shell/./strict',
    'capfence:../policies/shell/strict',
    'capfence:shell/../shell/strict',
    'capfence:/etc/passwd',
    'capfence:shell\\strict',
    'capfence:shell/strict ',
    'capfence: shell/strict',
    'capfence:SHELL/strict',
    'capfence:shell/strict\u0000',
    'capfence:shell%2Fstrict',
    'capfence:__proto__',
    'capfence:constructor/strict',
  ])('leads-to-no-other-file: %j', async (entry) => {
    const errors = await told({ 'policy.yaml': `version: 1\nextends: [${JSON.stringify(entry)}]` })
    expect(errors).toHaveLength(1)
    expect(errors[0]).toContain('policy.yaml:2:11: there is no pack')
  })

  test('is-told-in-part-where-it-is-long', async () => {
    const [error = ''] = await errorsOf(`version: 1\nextends: ["capfence:${'x'.repeat(100_000)}"]`)
    expect(error.length).toBeLessThan(1000)
  })

  test('in-capitals-before-the-colon-is-no-pack', async () => {
    const errors = await told({ 'policy.yaml': 'version: 1\nextends: ["CAPFENCE:shell/strict"]' })
    expect(errors).toEqual([expect.stringContaining('is no path of a file')])
  })
})

describe('who extends a pack', () => {
  test.each([
    ['a command', 'shell/standard', '{ capability: shell.exec.workspace, command: script }'],
    ['an amount', 'payments/standard', '{ capability: payment.execute.bank, amount: total }'],
    ['a path', 'filesystem/strict', '{ capability: filesystem.read.workspace, path: target, root: /workspace }'],
    ['a URL', 'http/strict', '{ capability: http.get.docs, url: address }'],
    ['all tools of a server', 'github/strict', '{ capability: github.call.main }'],
  ])('says-which-argument-holds: %s', async (_what, pack, tool) => {
    const errors = await told({
      'policy.yaml': `version: 1\nextends: ["capfence:${pack}"]\ntools:\n  "mcp.github.*": ${tool}`,
    })
    expect(errors).toEqual([])
  })

  test('cannot-point-a-pack-that-its-base-extends-at-another-argument', async () => {
    const errors = await told({
      'policy.yaml':
        'version: 1\nextends: [base.yaml]\ntools:\n  run: { capability: shell.exec.workspace, command: note }',
      'base.yaml': 'version: 1\nextends: ["capfence:shell/standard"]',
    })
    expect(errors).toEqual([expect.stringMatching(/^policy\.yaml:4:3: .*base\.yaml: shell\/standard:/)])
  })

  test('cannot-point-it-elsewhere-by-extending-it-beside-its-base', async () => {
    const errors = await told({
      'policy.yaml':
        'version: 1\nextends: [base.yaml, "capfence:shell/standard"]\ntools:\n  run: { capability: shell.exec.workspace, command: note }',
      'base.yaml': 'version: 1\nextends: ["capfence:shell/standard"]',
    })
    expect(errors).toEqual([expect.stringContaining('at another command')])
  })

  test('cannot-take-one-of-its-ids', async () => {
    const errors = await told({
      'policy.yaml':
        'version: 1\nextends: ["capfence:sql/strict"]\ndeny: [{ capability: a, id: "sql/strict:changes" }]',
    })
    expect(errors).toEqual([expect.stringContaining('stands twice')])
  })

  test('takes-nothing-of-a-file-that-is-called-like-a-pack', async () => {
    const errors = await told({
      'policy.yaml':
        'version: 1\nextends: ["./capfence:shell"]\ntools:\n  run: { capability: shell.exec.workspace, command: note }',
      'capfence:shell': 'version: 1\ndeny: [{ capability: shell.exec, contains: "rm -rf" }]',
    })
    expect(errors).toEqual([expect.stringContaining('at another command')])
  })
})

const GUIDE = readFileSync(new URL('../../../../docs/guides/packs.md', import.meta.url), 'utf8')

test.each([...GUIDE.matchAll(/```yaml\n(?<text>[^`]*)```/g)].map((match, index) => [index, match.groups?.['text']]))(
  'the-guide-shows-policies-that-load: %i',
  async (_index, text) => {
    expect(await told({ 'policy.yaml': String(text) })).toEqual([])
  },
)

test('the-guide-names-every-kind-of-pack', () => {
  for (const pack of PACKS) expect(GUIDE).toContain(`capfence:${pack.split('/')[0] ?? ''}/`)
})
