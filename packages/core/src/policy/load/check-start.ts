import { compilePolicy } from '../compile.ts'
import type { PolicyModel } from '../model.ts'
import type { Policy, PolicyFinding } from '../policy.ts'
import { compileSealed } from '../sealed-policy.ts'
import { toolBindings } from '../tool-bindings.ts'
import { canonicalPolicy } from './canonical.ts'
import { compose, type Composed } from './compose.ts'
import { runExamples } from './examples.ts'
import { inOrder } from './findings.ts'
import { loadFiles, type PolicyStart } from './load-files.ts'
import { boundArguments, checkTextOperators } from './text-operators.ts'
import { tellWarnings } from './warnings.ts'

/** What came of a check. `policy` and `model` are there where `errors` is empty. */
export interface PolicyCheck {
  readonly policy?: Policy
  readonly model?: PolicyModel
  readonly errors: readonly PolicyFinding[]
  readonly warnings: readonly PolicyFinding[]
}

/** Loads, composes and tries a policy; throws only where the first file cannot be read. */
export function checkStart(start: PolicyStart): PolicyCheck {
  const errors: PolicyFinding[] = []
  const file = loadFiles(start, errors)
  if (file === undefined) return { errors: inOrder(errors), warnings: [] }
  const composed = compose(file)
  const bound = boundArguments(composed.model.tools)
  for (const rule of composed.ruleTexts) checkTextOperators(rule, bound)
  // Examples need the whole of a sound policy.
  if (errors.length === 0) tryExamples(composed)
  if (errors.length > 0) return { errors: inOrder(errors), warnings: [] }
  const { model } = composed
  return {
    policy: compileSealed(model, canonicalPolicy(model)),
    model,
    errors: [],
    warnings: inOrder(warningsOf(composed)),
  }
}

const NO_TOOLS: PolicyModel['tools'] = new Map()

function tryExamples({ rules, model }: Composed): void {
  // What `tools` declare is made ready once for all rules.
  const bindings = toolBindings(model.tools)
  const alone = { ...model, mode: 'enforce', tools: NO_TOOLS } as const
  for (const written of rules) runExamples(written, (rule) => compilePolicy({ ...alone, rules: [rule] }, '', bindings))
}

function warningsOf(composed: Composed): readonly PolicyFinding[] {
  const warnings: PolicyFinding[] = []
  tellWarnings(composed, ({ findings: { file } }, { line, column }, message) => {
    warnings.push({ file, line, column, message })
  })
  return warnings
}
