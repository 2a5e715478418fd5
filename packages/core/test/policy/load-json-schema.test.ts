import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod'
import { policyJsonSchema } from '../../src/policy/load/schema.ts'

const SCHEMA: unknown = JSON.parse(readFileSync(new URL('../../policy.schema.json', import.meta.url), 'utf8'))
const HINT = 'policy.schema.json is out of step; run `node packages/core/scripts/write-policy-schema.js`'

const accepts = (yaml: string): boolean =>
  z.fromJSONSchema(SCHEMA as Parameters<typeof z.fromJSONSchema>[0]).safeParse(parse(yaml)).success

describe('the JSON Schema of a policy', () => {
  test('is-the-one-that-the-schema-in-the-source-makes', () => {
    expect(SCHEMA, HINT).toEqual(policyJsonSchema())
  })

  test.each([
    'version: 1\nallow: [a.b.c, { capability: [a.b.c] }]\ndeny: [a]',
    'version: 1\ndeny: [{ capability: a, contains: [x, y], unless: { actor: x, unless: { contains: y } } }]',
    'version: 1\ntools: { t: { capability: a.b.c, path: [p, q], root: /w } }',
    'version: 1\nrequire_approval: [{ capability: a, amount_gt: "1.5", approval: { expires_in: 10m } }]',
    'version: 1\nallow: [{ capability: a.b.c, args: { x: 1, y: [a, b], z: { present: true, gte: 2 } } }]',
    'version: 1\nallow: [{ capability: a.b.c, examples: { match: [{ args: { x: [1] } }] } }]',
    'version: 1\ndeny: [{ capability: ["A.*", "*"], id: a.b:c, actor: [x, "a b*"], environment: "Prod-*", reason: x }]',
    'version: 1\nallow: ["*.*.*", "a.b.c.d.*"]',
  ])('accepts-what-a-policy-may-say: %#', (yaml) => {
    expect(accepts(yaml)).toBe(true)
  })

  test.each([
    'allow: [a.b.c]',
    'version: 2',
    'version: 1\nallows: [a.b.c]',
    'version: 1\ndeny: [{ capability: a, ammount_gt: 1 }]',
    'version: 1\nallow: [{ capability: a.b.c, contains: x }]',
    'version: 1\ndeny: [{ capability: a, unless: { contains: x } }]',
    'version: 1\ndeny: [{ reason: x }]',
    'version: 1\ntools: { t: { capability: a.b.c, shel: bash } }',
    'version: 1\ntools: { t: { capability: "a.b.*" } }',
    'version: 1\nsealed: yes it is',
    'version: 1\nallow: []',
    'version: 1\nallow: [a.b]',
    'version: 1\nallow: [{ capability: [a.b.c, a.b] }]',
    'version: 1\ndeny: ["a b"]',
    'version: 1\ndeny: [{ capability: a, id: "a b" }]',
    `version: 1\ndeny: [{ capability: a, reason: ${'x'.repeat(501)} }]`,
    'version: 1\ndeny: [{ capability: a, actor: " x" }]',
    'version: 1\ndeny: [{ capability: a, actor: "" }]',
    'version: 1\ndeny: [{ capability: a, environment: "pro duction" }]',
    'version: 1\ndeny: [{ capability: a, contains: " " }]',
    'version: 1\ndeny: [{ capability: a, args: { x: { starts_with: "" } } }]',
    'version: 1\ndeny: [{ capability: a, args: { x: { matches: "" } } }]',
    'version: 1\ndeny: [{ capability: a, args_only: [""] }]',
  ])('refuses-what-it-may-not: %#', (yaml) => {
    expect(accepts(yaml)).toBe(false)
  })

  test('tells-an-editor-what-each-top-level-key-and-condition-is', () => {
    const { properties, definitions } = SCHEMA as {
      properties: Record<string, { description?: string }>
      definitions: Record<string, { properties?: Record<string, { description?: string }> }>
    }
    expect(Object.values(properties).filter(({ description }) => description === undefined)).toEqual([])
    expect(definitions['denyRule']?.properties?.['amount_gt']?.description).toContain('exactly')
  })
})
