import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod'
import { ActionEvent } from '../../src/action/action-event.ts'
import { capability, capabilityParts } from '../../src/action/capability.ts'
import { machine, paths } from '../../src/kernel/ports.ts'
import { loadPolicy } from '../../src/policy/load/load-policy.ts'
import { PACKS } from '../../src/policy/load/packs.ts'
import type { Policy } from '../../src/policy/policy.ts'
import type { StateReadings } from '../../src/policy/state-terms.ts'
import { toolCallEvent } from '../../src/policy/tool-call.ts'

const FOLDER = paths.shipped('policies')

const event = z.strictObject({
  capability: z.string().optional(),
  tool: z.string().optional(),
  server: z.string().optional(),
  environment: z.string().optional(),
  args: z.record(z.string(), z.unknown()).optional(),
})
const casesFile = z.strictObject({
  version: z.literal(1),
  tools: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
  cases: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/),
        event,
        expect: z.enum(['allow', 'deny', 'require_approval']),
        rule: z.string().optional(),
      }),
    )
    .min(30),
})
type CasesFile = z.infer<typeof casesFile>
type Case = CasesFile['cases'][number]

function casesOf(pack: string): CasesFile {
  return casesFile.parse(parse(readFileSync(`${FOLDER}/${pack}.cases.yaml`, 'utf8')))
}

/** A policy that extends a pack and names the tools of its cases, and says nothing else. */
async function policyOf(pack: string, { tools = {} }: CasesFile): Promise<Policy> {
  const { files } = machine()
  const text = JSON.stringify({ version: 1, extends: [`capfence:${pack}`], tools })
  const start = '/cases/policy.yaml'
  return loadPolicy(start, {
    ...files,
    read: (path, maxBytes) => (path === start ? text : files.read(path, maxBytes)),
    facts: (path) => (path === start ? undefined : files.facts(path)),
    realPath: (path) => (path === start ? path : files.realPath(path)),
  })
}

/** Nothing is used up, and nothing was allowed before. */
const NOTHING_YET: StateReadings = { now: 0, used: () => '0', lastAllowedAt: () => 'never' }

function eventOf({ event: short }: Case, policy: Policy): ActionEvent {
  const context = {
    id: 'case',
    at: 0,
    actor: 'agent',
    environment: short.environment ?? 'production',
    risk: 'medium',
    args: short.args ?? {},
  } as const
  const { tool, server } = short
  if (short.capability !== undefined) {
    const { resource, action, scope } = capabilityParts(capability(short.capability))
    return ActionEvent.create({ ...context, resource, action, scope: scope.join('.') })
  }
  return ActionEvent.create(toolCallEvent(policy, { ...context, tool: tool ?? '', server }))
}

for (const pack of PACKS) {
  describe(`capfence:${pack}`, async () => {
    const file = casesOf(pack)
    const policy = await policyOf(pack, file)

    test.each(file.cases.map((one) => [one.name, one] as const))('%s', (_name, one) => {
      const ruling = policy.evaluate(eventOf(one, policy), NOTHING_YET)
      expect(`${ruling.decision} by ${String(ruling.rule)}`).toMatch(new RegExp(`^${one.expect} by `))
      if (one.rule !== undefined) expect(ruling.rules).toContain(one.rule)
    })

    test('has-cases-of-each-verdict-and-names-each-once', () => {
      expect(new Set(file.cases.map((one) => one.name)).size).toBe(file.cases.length)
      expect(file.cases.some((one) => one.expect === 'allow')).toBe(true)
      expect(file.cases.some((one) => one.expect === 'deny')).toBe(true)
      // Reading is all that sql/strict knows.
      expect(file.cases.some((one) => one.expect === 'require_approval')).toBe(pack !== 'sql/strict')
    })

    test('is-tried-by-a-case-for-each-rule-that-stops', () => {
      const fired = new Set(
        file.cases.flatMap((one) => policy.evaluate(eventOf(one, policy), NOTHING_YET).rules.concat(one.rule ?? [])),
      )
      const rules = policy
        .explain(eventOf(file.cases[0] as Case, policy), NOTHING_YET)
        .rules.map(({ rule }) => rule)
        .filter((rule) => !rule.endsWith(':too-often') && !rule.endsWith(':bursts'))
      expect(rules.filter((rule) => !fired.has(rule))).toEqual([])
    })
  })
}

test('every-file-of-the-packs-is-a-pack-or-its-cases', () => {
  const found = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'))
  const expected = PACKS.flatMap((pack) => [`${pack}.yaml`, `${pack}.cases.yaml`])
  expect(found.map((name) => name.replaceAll('\\', '/')).toSorted()).toEqual(expected.toSorted())
})
