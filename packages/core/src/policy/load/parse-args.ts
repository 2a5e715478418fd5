import { canonicalJson } from '../../kernel/canonical-json.ts'
import type { Json } from '../../kernel/json.ts'
import { BOUND_BY_DEFAULT } from '../bound-arguments.ts'
import type { PolicyFinding } from '../policy.ts'
import { buildArgs } from './build-conditions.ts'
import { conditionJson } from './canonical.ts'
import { checkSchema } from './check-schema.ts'
import { MAX_ARGS_LENGTH } from './decode-args.ts'
import { checkArgsScalars } from './exact-scalars.ts'
import { findingsOf, inOrder } from './findings.ts'
import { readYaml } from './read-yaml.ts'
import { argsSchema } from './schema-matcher.ts'
import { tellTextOperators } from './text-operators.ts'

const WANTED = {
  empty: 'the conditions are empty',
  other: 'conditions on arguments are a mapping, for example `{ "repo": "a/b", "amount": { "lte": 500 } }`',
}
const BOUND: ReadonlySet<string> = new Set(BOUND_BY_DEFAULT)

/** The conditions of a block of `args` alone, in their canonical form; what is wrong is put into `errors`. */
export function parseArgs(text: string, errors: PolicyFinding[]): Json | undefined {
  const list: PolicyFinding[] = []
  const findings = findingsOf('args', list)
  const args = readYaml(text, findings, WANTED)
  if (args !== undefined) {
    checkArgsScalars(args, findings)
    tellTextOperators(args, () => BOUND, findings)
  }
  const isSound = args !== undefined && checkSchema(argsSchema, args, findings) !== undefined
  const conditions = isSound && list.length === 0 ? buildArgs(args).map(conditionJson) : undefined
  if (conditions !== undefined && canonicalJson(conditions).length > MAX_ARGS_LENGTH) {
    findings.add({ line: 1, column: 1 }, `more than ${String(MAX_ARGS_LENGTH)} characters of conditions`)
  }
  errors.push(...inOrder(list))
  return conditions
}
