import { describe, expect, test } from 'vitest'
import { errorsOf, loaded } from '../support/policy-findings.ts'
import { VKEY_A, VKEY_B } from '../support/vkeys.ts'

/** What is wrong with an extension of `base.yaml` that says nothing but these tools. */
async function toolErrors(base: string, tools: string): Promise<readonly string[]> {
  return errorsOf(`version: 1\nextends: [base.yaml]\ntools: { ${tools} }`, { 'base.yaml': `version: 1\n${base}` })
}

describe('tools that would get round a rule of another file', () => {
  const to = (capability: string): string => `{ capability: ${capability} }`

  test.each([
    ['deny: [tool.call.danger]', `danger: ${to('safe.read.x')}`],
    ['require_approval: [tool.call.danger]', `danger: ${to('safe.read.x')}`],
    ['deny: [tool]', `danger: ${to('safe.read.x')}`],
    ['deny: ["tool.call.d*"]', `danger: ${to('safe.read.x')}`],
    ['deny: ["*.call"]', `danger: ${to('safe.read.x')}`],
    ['deny: [{ capability: tool.call, actor: intern }]', `danger: ${to('safe.read.x')}`],
    ['deny: [{ capability: [b, tool.call.danger] }]', `danger: ${to('safe.read.x')}`],
    ['deny: ["*"]\nrequire_approval: [tool.call.danger]', `danger: ${to('safe.read.x')}`],
    ['deny: [tool.call.danger]', `"d*": ${to('safe.read.x')}`],
    ['deny: [tool.call.danger]', `"*": ${to('safe.read.x')}`],
    ['deny: ["tool.call.read_file-h*"]', `"read.*": ${to('safe.read.x')}`],
    ['deny: ["tool.call.read_file-h*"]', `Read.File: ${to('safe.read.x')}`],
    ['deny: [mcp.files.delete]', `"mcp.*": ${to('safe.read.x')}`],
    ['deny: [mcp.files.delete]', `"mcp.files.*": ${to('safe.read.x')}`],
    ['deny: [mcp.files.delete]', `"*delete": ${to('safe.read.x')}`],
    ['deny: ["mcp.*.delete"]', `mcp.files.delete: ${to('safe.read.x')}`],
    ['deny: [mcp]', `mcp.files.delete: ${to('safe.read.x')}`],
  ])('are-an-error-at-their-place: %s / %s', async (base, tools) => {
    expect(await toolErrors(base, tools)).toEqual([expect.stringMatching(/^3:10 .*get round .*`base.yaml:/)])
  })

  test.each([
    ['deny: [tool.call.other]', `danger: ${to('safe.read.x')}`],
    ['deny: [tool.call.danger.deeper]', `danger: ${to('safe.read.x')}`],
    ['deny: ["*"]', `danger: ${to('safe.read.x')}`],
    ['deny: [{ capability: ["tool.call.danger", safe] }]', `danger: ${to('safe.read.x')}`],
    ['deny: [safe]', `danger: ${to('safe.read.x')}`],
    ['allow: [tool.call.danger]', `danger: ${to('safe.read.x')}`],
    ['deny: [tool.call.danger]', `"f*": ${to('safe.read.x')}`],
    ['deny: ["tool.call.danger-*"]', `"fs.*": ${to('safe.read.x')}`],
    ['deny: [mcp.git.delete]', `"mcp.files.*": ${to('safe.read.x')}`],
    ['deny: [mcp.files.delete]', `delete: ${to('safe.read.x')}`],
    [`tools: { danger: ${to('safe.read.x')} }\ndeny: [tool.call]`, `danger: ${to('safe.read.x')}`],
    [`tools: { "d*": ${to('safe.read.x')} }\ndeny: [tool.call]`, `danger: ${to('safe.read.x')}`],
  ])('are-no-error-where-they-get-round-nothing: %s / %s', async (base, tools) => {
    expect(await toolErrors(base, tools)).toEqual([])
  })

  test.each([
    'deny: [{ capability: payment.execute, amount_gt: 1000 }]',
    'require_approval: [{ capability: payment.execute, amount_gt: 1000 }]',
    'allow: [{ capability: payment.execute.x, amount_lte: 1000 }]',
    'deny: [{ capability: payment, unless: { amount_lte: 5 } }]',
  ])('may-not-point-a-bound-of-another-file-at-another-argument: %s', async (base) => {
    const pay = (amount: string): string => `pay: { capability: payment.execute.x${amount} }`
    expect(await toolErrors(base, pay(', amount: fee'))).toEqual([expect.stringMatching(/^3:10 .*`base.yaml:.*amount/)])
    expect(await toolErrors(base, pay(', amount: amount'))).toEqual([])
    expect(await toolErrors(base, pay(''))).toEqual([])
    expect(await toolErrors(base, 'pay: { capability: payment.refund.x, amount: fee }')).toHaveLength(
      base.includes('capability: payment,') ? 1 : 0,
    )
    expect(await toolErrors(`tools: { ${pay(', amount: fee')} }\n${base}`, pay(', amount: fee'))).toEqual([])
  })

  test('are-told-also-where-a-third-file-brings-them-in-beside-the-rule', async () => {
    const errors = await errorsOf('version: 1\nextends: [base.yaml, helper.yaml]', {
      'base.yaml': 'version: 1\ndeny: [tool.call.danger]',
      'helper.yaml': `version: 1\ntools: { danger: ${to('safe.read.x')} }`,
    })
    expect(errors).toEqual([expect.stringMatching(/^helper.yaml 2:10 .*get round/)])
  })

  test('are-no-error-in-the-base-of-the-file-with-the-rule-nor-said-again-above-it', async () => {
    const texts = {
      'middle.yaml': 'version: 1\nextends: [base.yaml]\ndeny: [tool.call]',
      'base.yaml': `version: 1\ntools: { danger: ${to('safe.read.x')} }`,
    }
    expect(await errorsOf('version: 1\nextends: [middle.yaml]', texts)).toEqual([])
    expect(
      await errorsOf(`version: 1\nextends: [middle.yaml]\ntools: { danger: ${to('safe.read.x')} }`, texts),
    ).toEqual([])
    expect(await errorsOf(`version: 1\ntools: { danger: ${to('safe.read.x')} }\ndeny: [tool.call.danger]`)).toEqual([])
  })

  test('are-an-error-where-there-are-too-many-to-tell', async () => {
    const tools = Array.from({ length: 4000 }, (_, index) => `  "t${index}*x": ${to('safe.read.x')}\n`).join('')
    const deny = Array.from({ length: 4000 }, (_, index) => ` - tool.call.z${index}\n`).join('')
    const base = { 'base.yaml': `version: 1\ndeny:\n${deny}` }
    const errors = await errorsOf(`version: 1\nextends: [base.yaml]\ntools:\n${tools}`, base)
    expect(errors).toEqual([expect.stringContaining('too many')])
  })
})

describe('approvers beside those of another file', () => {
  const base = `version: 1\napprovers: { ops-alice: "${VKEY_A}" }\nrequire_approval: [a]`
  const adding = `approvers: { ops-mallory: "${VKEY_B}" }`

  test('cannot-be-added', async () => {
    expect(await errorsOf(`version: 1\nextends: [base.yaml]\n${adding}`, { 'base.yaml': base })).toEqual([
      expect.stringMatching(/^3:14 .*`ops-mallory`.*`base.yaml`/),
    ])
  })

  test('cannot-be-added-by-a-third-file', async () => {
    const errors = await errorsOf('version: 1\nextends: [base.yaml, helper.yaml]', {
      'base.yaml': base,
      'helper.yaml': `version: 1\n${adding}`,
    })
    expect(errors).toContainEqual(expect.stringMatching(/^helper.yaml 2:14 .*`base.yaml`/))
  })

  test('may-be-set-where-no-base-has-any-and-left-out-above-one-that-has', async () => {
    const open = { 'base.yaml': 'version: 1\nrequire_approval: [a]' }
    const policy = await loaded(`version: 1\nextends: [base.yaml]\n${adding}`, open)
    expect([...(policy.approvers ?? [])]).toEqual([['ops-mallory', VKEY_B]])
    const two = { 'base.yaml': base.replace('ops-alice:', `ops-bob: "${VKEY_B}", ops-alice:`) }
    const fewer = await loaded(`version: 1\nextends: [base.yaml]\napprovers: { ops-alice: "${VKEY_A}" }`, two)
    expect([...(fewer.approvers?.keys() ?? [])]).toEqual(['ops-bob', 'ops-alice'])
  })
})
