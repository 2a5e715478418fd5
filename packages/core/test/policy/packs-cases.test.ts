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
import type { Ruling } from '../../src/policy/ruling.ts'
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

/** Ways to run a line so that it does the same. */
const WRAPPINGS: readonly (readonly [name: string, wrap: (line: string) => string])[] = [
  ['in-a-subshell', (line) => `(${line}\n)`],
  ['in-a-group', (line) => `{ ${line}\n}`],
  ['behind-another', (line) => `true\n${line}`],
  ['before-another', (line) => `${line}\ntrue`],
  ['in-a-branch', (line) => `if true; then ${line}\nfi`],
  ['in-a-loop', (line) => `for i in 1; do ${line}\ndone`],
  ['in-a-substitution', (line) => `echo "$(${line}\n)"`],
  ['in-a-string-for-a-shell', (line) => `sh -c ${quoted(line)}`],
  ['in-a-string-for-eval', (line) => `eval ${quoted(line)}`],
  ['in-a-string-for-a-shell-behind-wrappers', (line) => `env -i nohup timeout 9 bash -c ${quoted(line)}`],
  ['in-a-here-document', (line) => `bash <<'LAST LINE'\n${line}\nLAST LINE`],
  ['in-the-background', (line) => `(${line}\n) &`],
  ['in-a-function', (line) => `f() { ${line}\n}; f`],
  ['in-a-trap', (line) => `trap ${quoted(line)} EXIT`],
]
const STRICTNESS = ['allow', 'require_approval', 'deny']

function quoted(line: string): string {
  return `'${line.replaceAll("'", String.raw`'\''`)}'`
}

describe.each(['shell/strict', 'shell/standard'])('capfence:%s', async (pack) => {
  const file = casesOf(pack)
  const policy = await policyOf(pack, file)
  const judge = (one: Case, line: string): Ruling => {
    const args = { ...one.event.args, command: line }
    return policy.evaluate(eventOf({ ...one, event: { ...one.event, args } }, policy), NOTHING_YET)
  }

  test.each(WRAPPINGS)('never-says-less-of-a-line: %s', (_name, wrap) => {
    const weaker = file.cases.flatMap((one) => {
      const line = String(one.event.args?.['command'])
      const [plain, wrapped] = [judge(one, line), judge(one, wrap(line))]
      // What no rule allows is denied; where a rule asks about the wrapping as well, a person is asked.
      const least = plain.rule === null ? 1 : STRICTNESS.indexOf(plain.decision)
      return STRICTNESS.indexOf(wrapped.decision) < least ? [`${wrap(line)}: ${wrapped.decision}`] : []
    })
    expect(weaker).toEqual([])
  })
})

test('every-file-of-the-packs-is-a-pack-or-its-cases', () => {
  const found = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'))
  const expected = PACKS.flatMap((pack) => [`${pack}.yaml`, `${pack}.cases.yaml`])
  expect(found.map((name) => name.replaceAll('\\', '/')).toSorted()).toEqual(expected.toSorted())
})
