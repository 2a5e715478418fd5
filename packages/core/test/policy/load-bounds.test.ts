import { describe, expect, test } from 'vitest'
import { checkPolicy } from '../../src/policy/load/load-policy.ts'
import { memoryFiles } from '../support/memory-files.ts'
import { errorsOf, warningsOf } from '../support/policy-findings.ts'

const times = (count: number, make: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => make(index)).join('')

// Long on a busy machine: what is tested is that each ends.
describe('a policy that is too large', { timeout: 60_000 }, () => {
  test('has-more-rules-than-10000-in-all-files-together', async () => {
    const many = `version: 1\ndeny:\n${times(10_001, () => ' - a\n')}`
    expect(await errorsOf(many)).toEqual(['10003:4 more than 10000 rules'])
    expect(await errorsOf(many.slice(0, -5))).toEqual([])
    const base = { 'base.yaml': `version: 1\ndeny:\n${times(6000, () => ' - a\n')}` }
    const above = `version: 1\nextends: [base.yaml]\nrequire_approval:\n${times(6000, () => ' - a\n')}`
    expect(await errorsOf(above, base)).toEqual(['4004:4 more than 10000 rules'])
  })

  test('has-more-tools-than-10000', async () => {
    const tools = times(10_001, (index) => ` t${index}: {capability: a.b.c}\n`)
    expect(await errorsOf(`version: 1\ntools:\n${tools}`)).toEqual(['10003:2 more than 10000 tools'])
  })

  test.each([
    ['brackets', ']'.repeat(1_000_000)],
    ['pairs of brackets', '[]'.repeat(500_000)],
    ['pairs of braces', `version: [${'{},'.repeat(300_000)}]`],
    ['line ends', '\n'.repeat(1_000_000)],
    ['comments', '#\n'.repeat(500_000)],
    ['colons', ':\n'.repeat(500_000)],
  ])('has-more-tokens-than-250000: %s', async (_, text) => {
    expect(await errorsOf(text)).toEqual([expect.stringContaining('more than 250000 YAML tokens')])
  })

  test('extends-one-file-twice-or-more-than-64-and-reads-none-of-those', async () => {
    const files = memoryFiles({
      'policy.yaml': `version: 1\nextends: [b.yaml, b.yaml, ${times(200, (index) => `f${index}.yaml, `)}]`,
      'b.yaml': 'version: 1\nextends: [c.yaml]',
      'c.yaml': 'version: 1',
    })
    const read: string[] = []
    const counting = { ...files, read: (path: string, max: number) => (read.push(path), files.read(path, max)) }
    const { errors } = await checkPolicy('policy.yaml', counting)
    expect(errors.map(({ line, column, message }) => [line, column, message])).toContainEqual([
      2,
      19,
      '`b.yaml` stands twice',
    ])
    expect(errors.filter(({ message }) => message === 'more than 64 files')).toHaveLength(1)
    expect(read.filter((path) => path === 'b.yaml')).toHaveLength(1)
    expect(read).not.toContain('f62.yaml')
  })

  test('reads-a-file-once-however-many-extend-it', async () => {
    const files = memoryFiles({
      'policy.yaml': `version: 1\nextends: [${times(20, (index) => `f${index}.yaml, `)}]`,
      ...Object.fromEntries(
        Array.from({ length: 20 }, (_, index) => [`f${index}.yaml`, 'version: 1\nextends: [b.yaml, ./b.yaml]']),
      ),
      'b.yaml': 'version: 1',
    })
    let reads = 0
    const read = (path: string, max: number): string | undefined => {
      if (path === 'b.yaml') reads += 1
      return files.read(path, max)
    }
    const { errors } = await checkPolicy('policy.yaml', { ...files, read })
    expect(errors).toEqual([])
    expect(reads).toBe(1)
  })
})

describe('many mistakes', { timeout: 60_000 }, () => {
  test('are-told-up-to-200-a-file-and-then-that-there-are-more', async () => {
    const rules = times(300, () => ' - { capability: a, ammount_gt: 1 }\n')
    const errors = await errorsOf(`version: 1\nextends: [base.yaml]\ndeny:\n${rules}`, {
      'base.yaml': 'version: 1\ndenny: [a]',
    })
    expect(errors).toHaveLength(202)
    expect(errors[199]).toMatch(/^203:/)
    expect(errors[200]).toMatch(/^204:.* and more; correct these first$/)
    expect(errors[201]).toMatch(/^base.yaml 2:1 .*did you mean/)
    expect(errors.filter((error) => error.startsWith('base.yaml') || !error.includes('did you mean'))).toHaveLength(152)
  })
})

describe('many tools and rules', { timeout: 60_000 }, () => {
  test('are-warned-of-where-they-are-alike', async () => {
    const tools = times(5000, (index) => ` t${index}: {capability: a.b.c}\n`)
    const rules = times(5000, () => ' - {capability: a, amount_gt: 1}\n')
    const warnings = await warningsOf(`version: 1\ntools:\n${tools}deny:\n${rules}`)
    expect(warnings).toHaveLength(5000)
    expect(warnings[0]).toContain('`t0`, `t1`, `t2`, 4997 more')
    const unreachable = await warningsOf(
      `version: 1\ndeny:\n${times(5000, () => ' - a\n')}allow:\n${times(5000, () => ' - a.b.c\n')}`,
    )
    expect(unreachable).toHaveLength(5000)
  })

  test('are-not-where-they-are-all-different-beyond-a-product', async () => {
    const deny = times(4000, (index) => ` - a${index}.b.c\n`)
    const allow = times(4000, (index) => ` - a${index}.b.c\n`)
    expect(await warningsOf(`version: 1\ndeny:\n${deny}allow:\n${allow}`)).toEqual([])
  })

  test('are-refused-where-a-text-operator-cannot-be-held-against-them', async () => {
    const tools = times(4000, (index) => ` t${index}: {capability: a.b.c${index}, path: p}\n`)
    const rules = times(4000, (index) => ` - {capability: a.b.c${index}, args: {q: {glob: x}}}\n`)
    const errors = await errorsOf(`version: 1\ntools:\n${tools}allow:\n${rules}`)
    expect(errors).toContainEqual(expect.stringContaining('too many tools and rules'))
    const alike = times(4000, () => ' - {capability: a.b.c1, args: {q: {glob: x}}}\n')
    expect(await errorsOf(`version: 1\ntools:\n${tools}allow:\n${alike}`)).toEqual([])
  })

  test('have-their-examples-tried-with-tools-made-ready-once', async () => {
    const tools = times(4000, (index) => ` t${index}: {capability: a.b.c${index}}\n`)
    const rules = times(4000, (index) => ` - {capability: a.b.c${index}, examples: {match: [{tool: t${index}}]}}\n`)
    expect(await errorsOf(`version: 1\ntools:\n${tools}deny:\n${rules}`)).toEqual([])
  })

  test('are-refused-where-globs-are-too-many-to-be-held-against-each-other', async () => {
    const tools = times(
      512,
      (index) => ` "a${index >> 6}*${String(index).padStart(3, '0')}${'b*'.repeat(120)}": {capability: a.b.c}\n`,
    )
    const errors = await errorsOf(`version: 1\ntools:\n${tools}`)
    expect(errors.length).toBeLessThanOrEqual(201)
    const nested = times(3000, (index) => ` "${'a'.repeat(1 + (index % 60))}*${index}x": {capability: a.b.c}\n`)
    expect(await errorsOf(`version: 1\ntools:\n${nested}`)).toEqual([expect.stringContaining('too many keys')])
  })
})
