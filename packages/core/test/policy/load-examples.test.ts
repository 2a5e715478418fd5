import { describe, expect, test } from 'vitest'
import { errorsOf } from '../support/policy-findings.ts'

const withExamples = (rule: string, examples: string): string =>
  `version: 1\ntools: { pay: { capability: payment.execute.x, amount: total } }\n${rule}\n    examples:\n      ${examples}`

const PAYMENT = 'deny:\n  - capability: payment.execute.*\n    amount_gt: 1000'
const READ = 'allow:\n  - capability: file.read.workspace\n    args: { size: { lte: 10 } }'

describe('examples', () => {
  test.each([
    [PAYMENT, 'match: [{ capability: payment.execute.x, args: { amount: 1000.01 } }]'],
    [PAYMENT, 'match: [{ tool: pay, args: { total: "1000.01" } }]'],
    [PAYMENT, 'match: [{ resource: payment.y, action: execute, args: { amount: 2000 } }]'],
    [PAYMENT, 'match: [{ args: { amount: 2000 } }]'],
    [PAYMENT, 'not_match: [{ tool: pay, args: { total: 1000 } }, { tool: unheard_of, args: { amount: 2000 } }]'],
    [PAYMENT, 'not_match: [{ capability: payment.refund.x, args: { amount: 2000 } }]'],
    [READ, 'match: [{ args: { size: 10 } }]'],
    [READ, 'not_match: [{ args: { size: 11 } }, { args: {} }, { args: { size: many } }]'],
    ['deny:\n  - capability: mcp.files', 'match: [{ tool: delete, server: files }]'],
    ['deny:\n  - capability: tool.call.rm', 'match: [{ tool: rm }]'],
    [
      'deny:\n  - capability: a.b.c\n    actor: x\n    tenant: t\n    environment: e\n    risk: high\n    caller_depth_gt: 0',
      'match: [{ actor: x, tenant: t, environment: E, risk: high, caller_depth: 1 }]',
    ],
    [
      'deny:\n  - capability: a.b.c\n    actor: trace\n    environment: production\n    risk: medium',
      'match: [{ args: {} }]',
    ],
    ['deny:\n  - capability: a.b.c\n    mode: observe', 'match: [{ args: {} }]'],
  ])('takes-those-that-are-right: %#', async (rule, examples) => {
    expect(await errorsOf(withExamples(rule, examples))).toEqual([])
  })

  test.each([
    [
      'an example that does not match',
      PAYMENT,
      'match: [{ args: { amount: 5000 } }, { args: { amount: 1000 } }]',
      '7:43',
      'amount_gt',
    ],
    ['one that matches', PAYMENT, 'not_match: [{ args: { amount: 1001 } }]', '7:19', 'must not match'],
    ['one of another capability', PAYMENT, 'match: [{ capability: a.b.c }]', '7:15', 'not covered'],
    ['an unknown for a match', PAYMENT, 'match: [{ args: { total: 5000 } }]', '7:15', 'unknown'],
    [
      'an unknown that would stop',
      PAYMENT,
      'not_match: [{ args: { amount: "5,000" } }]',
      '7:19',
      'stop it all the same',
    ],
    ['one that is no event', PAYMENT, 'match: [{ actor: "a ", args: { amount: 5000 } }]', '7:15', 'no event'],
    ['a capability with a star', PAYMENT, 'match: [{ capability: "payment.*.x" }]', '7:15', 'no event'],
    ['half an action', PAYMENT, 'match: [{ action: execute }]', '7:15', 'no event'],
    ['a match of an allow that is unknown', READ, 'match: [{ args: {} }]', '7:15', 'unknown'],
  ])('refuses-at-its-place: %s', async (...[, rule, examples, place, says]) => {
    const errors = await errorsOf(withExamples(rule, examples))
    expect(errors).toEqual([expect.stringMatching(new RegExp(`^${place} `))])
    expect(errors[0]).toContain(says)
  })

  test('tries-a-rule-alone-whatever-others-say', async () => {
    const rules = 'deny: [a]\nallow:\n  - capability: a.b.c'
    expect(await errorsOf(withExamples(rules, 'match: [{ args: {} }]'))).toEqual([])
  })

  test('tells-wrong-examples-of-an-extended-file-in-that-file', async () => {
    const base = { 'base.yaml': withExamples(PAYMENT, 'match: [{ args: { amount: 1 } }]') }
    expect(await errorsOf('version: 1\nextends: [base.yaml]', base)).toEqual([
      expect.stringMatching(/^base.yaml 7:15 /),
    ])
  })
})
