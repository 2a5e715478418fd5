import type { Plan } from '@capfence/core'
import type { ExplainedFacts, Explanation, PolicyChange } from '@capfence/core/policy'
import type { Output } from '../output.ts'
import { decisionPaint, row } from '../table.ts'
import { facts } from './facts.ts'
import { field, marked } from './marked.ts'

/** What a policy makes of an event, and why. */
export interface Explained {
  readonly explanation: Explanation
  readonly plan: Plan | undefined
  readonly changes: readonly PolicyChange[]
}

type Fact = readonly [label: string, text: string]

/** An explanation for a person: the answer, what the arguments mean, every rule with its values, what would change it. */
export function explanationText({ explanation, plan, changes }: Explained, out: Output): string {
  const { ruling, capability } = explanation
  const decided = ruling.rule === null ? ruling.code : `${ruling.code} by ${field(ruling.rule)}`
  const observed = ruling.enforced ? '' : ' (mode: observe, not enforced)'
  return [
    `${out.paint.bold(decisionPaint(out.paint, ruling.decision)(ruling.decision))}  ${decided}${observed}\n`,
    `  ${marked(ruling.message)}\n\n`,
    facts([['capability', field(capability)], ...meanings(explanation.facts), ...planned(plan)], out),
    `\n${out.paint.bold('rules')}\n`,
    ...explanation.rules.map((rule) => ruleText(rule, out)),
    `\n${out.paint.bold('what would change it')}, the smallest first\n`,
    ...changes.map(({ change, becomes }) => `  ${marked(change)} ${out.paint.dim('→')} ${becomes}\n`),
    ...(changes.length === 0 ? ['  no single change of the policy\n'] : []),
  ].join('')
}

function meanings({ commands, sql, paths, urls }: ExplainedFacts): readonly Fact[] {
  return [
    ...commands.flatMap(({ name, facts: shell }) => [
      ...[...shell.effects, ...shell.commands.flatMap((command) => command.effects)].map((effect): Fact => {
        const targets = effect.targets.map((target) => (target === undefined ? 'not known' : field(target)))
        return [marked(name), [effect.kind, ...(targets.length === 0 ? [] : [`on ${targets.join(', ')}`])].join(' ')]
      }),
      ...opacities(
        name,
        shell.opaque.map(({ why }) => why),
      ),
    ]),
    ...sql.flatMap(({ name, facts: { statements, opaque } }) => [
      ...statements.map(({ kind, effects, reads, writes }): Fact => {
        const tables = [...reads, ...writes].map(field)
        return [marked(name), `${kind}: ${effects.join(', ')}${tables.length === 0 ? '' : ` on ${tables.join(', ')}`}`]
      }),
      ...opacities(name, opaque),
    ]),
    ...paths.map(({ name, facts: path }): Fact => {
      return [marked(name), path.kind === 'opaque' ? `opaque: ${path.why}` : `path ${field(path.path)}`]
    }),
    ...urls.map(({ name, facts: url }): Fact => {
      return [marked(name), url.kind === 'opaque' ? `opaque: ${url.why}` : `${url.hostClass} URL ${field(url.href)}`]
    }),
  ]
}

function opacities(name: string, why: readonly string[]): readonly Fact[] {
  return [...new Set(why)].map((each) => [marked(name), `opaque: ${marked(each)}`])
}

function planned(plan: Plan | undefined): readonly Fact[] {
  return plan?.argv === undefined ? [] : [['runs as', plan.argv.map(field).join(' ')]]
}

function ruleText(
  { rule, effect, mode, covered, truth, conditions }: Explanation['rules'][number],
  out: Output,
): string {
  const paint = truth === 'false' ? out.paint.dim : truth === 'unknown' ? out.paint.yellow : out.paint.bold
  const note = covered ? (mode === 'observe' ? 'mode: observe' : '') : 'does not cover the capability'
  const cells = [
    { text: `  ${effect}`, width: 18 },
    { text: truth, width: 8, paint },
    { text: rule, width: 28 },
    { text: note, paint: out.paint.dim },
  ]
  const inner = conditions.map((each) =>
    row([
      { text: '', width: 18 },
      { text: each.truth, width: 8 },
      { text: `  ${each.condition}`, width: 28 },
      { text: each.why, paint: out.paint.dim },
    ]),
  )
  return [row(cells), ...inner].join('')
}
