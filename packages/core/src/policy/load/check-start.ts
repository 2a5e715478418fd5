import { type ReadingPlace, readingPlace } from '../bound-facts.ts'
import { compilePolicy } from '../compile.ts'
import type { PolicyModel } from '../model.ts'
import type { Policy, PolicyFinding } from '../policy.ts'
import { compileSealed } from '../sealed-policy.ts'
import { toolBindings } from '../tool-bindings.ts'
import { canonicalPolicy } from './canonical.ts'
import { compose, type Composed } from './compose.ts'
import { runExamples } from './examples.ts'
import { inOrder } from './findings.ts'
import { loadFiles, type PolicyFile, type PolicyStart } from './load-files.ts'
import { loadReaders } from './load-readers.ts'
import { tellMeanings } from './meaning-notes.ts'
import { boundArguments, checkTextOperators } from './text-operators.ts'
import { type Tell, tellWarnings } from './warnings.ts'

/** What came of a check. `policy` and `model` are there where `errors` is empty. */
export interface PolicyCheck {
  readonly policy?: Policy
  readonly model?: PolicyModel
  readonly errors: readonly PolicyFinding[]
  readonly warnings: readonly PolicyFinding[]
  /** What each `contains` was found to mean on commands and SQL. */
  readonly notes: readonly PolicyFinding[]
}

/** Loads, composes and tries a policy; throws only where the first file cannot be read. */
export async function checkStart(start: PolicyStart): Promise<PolicyCheck> {
  const errors: PolicyFinding[] = []
  const file = loadFiles(start, errors)
  if (file === undefined) return { errors: inOrder(errors), warnings: [], notes: [] }
  const composed = compose(file)
  const bound = boundArguments(composed.model.tools)
  for (const rule of composed.ruleTexts) checkTextOperators(rule, bound)
  if (errors.length > 0) return { errors: inOrder(errors), warnings: [], notes: [] }
  const { model } = composed
  const place = readingPlace(toolBindings(model.tools), await loadReaders(model, start.links))
  // Examples need the whole of a sound policy.
  tryExamples(composed, place)
  if (errors.length > 0) return { errors: inOrder(errors), warnings: [], notes: [] }
  return {
    policy: compileSealed({ ...model, files: filesOf(file) }, canonicalPolicy(model), place),
    model,
    errors: [],
    warnings: inOrder(told((tell) => tellWarnings(composed, place.readers, tell))),
    notes: inOrder(told((tell) => tellMeanings(composed, place.readers, tell))),
  }
}

function filesOf(file: PolicyFile): readonly string[] {
  return [...new Set([file.identity, ...file.bases.flatMap(filesOf)])]
}

const NO_TOOLS: PolicyModel['tools'] = new Map()

function tryExamples({ rules, model }: Composed, place: ReadingPlace): void {
  // What `tools` declare is made ready once for all rules.
  const alone = { ...model, mode: 'enforce', tools: NO_TOOLS } as const
  for (const written of rules) runExamples(written, (rule) => compilePolicy({ ...alone, rules: [rule] }, '', place))
}

function told(telling: (tell: Tell) => void): readonly PolicyFinding[] {
  const findings: PolicyFinding[] = []
  telling(({ findings: { file } }, { line, column }, message) => {
    findings.push({ file, line, column, message })
  })
  return findings
}
