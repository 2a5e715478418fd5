import { containsMeaning, meaningText } from '../contains-meaning.ts'
import type { FactReaders } from '../fact-readers.ts'
import type { Condition, PolicyModel } from '../model.ts'
import type { Composed } from './compose.ts'
import { keySpotAt } from './source-node.ts'
import type { Tell } from './warnings.ts'

/** Tells what each `contains` means on commands and, where a tool declares SQL, on SQL. */
export function tellMeanings({ model, rules }: Composed, { shell }: FactReaders, note: Tell): void {
  const hasSql = declaresSql(model)
  for (const written of rules) {
    for (const text of textsIn(written.rule.conditions)) {
      const meaning = containsMeaning(text, shell)
      const onSql = hasSql ? `; in SQL, ${meaningText(meaning, 'sql')}` : ''
      const message = `\`contains: ${JSON.stringify(text)}\` means in a command ${meaningText(meaning, 'command')}${onSql}`
      note(written, keySpotAt(written.node, ['contains']), message)
    }
  }
}

function declaresSql({ tools }: PolicyModel): boolean {
  return [...tools.values()].some(({ sql }) => sql !== undefined)
}

/** Every text of `contains`, also in `unless`. */
function textsIn(conditions: readonly Condition[]): readonly string[] {
  return conditions.flatMap((condition) => {
    if (condition.kind === 'contains') return condition.texts
    return condition.kind === 'unless' ? textsIn(condition.conditions) : []
  })
}
