import { Composer, type Document, LineCounter } from 'yaml'
import type { Findings } from './findings.ts'
import { checkCharacters, withoutByteOrderMark } from './raw-characters.ts'
import type { SourceMap } from './source-node.ts'
import { treeOf, type Wanted } from './tree-of-document.ts'
import { spotOf, type Tokens, yamlTokens } from './yaml-tokens.ts'

/** The largest policy file, in UTF-8 bytes. */
export const MAX_POLICY_BYTES = 1_048_576

const POLICY: Wanted = {
  empty: 'the policy is empty',
  other: 'a policy is a mapping that starts with `version: 1`',
}
const START = { line: 1, column: 1 }

/**
 * Reads one YAML 1.2 document, stricter than YAML: no alias, anchor, tag, directive, merge key, duplicate key or
 * second document. Undefined where the text has no readable mapping; what is wrong stands in `findings`.
 */
export function readYaml(written: string, findings: Findings, wanted: Wanted = POLICY): SourceMap | undefined {
  if (Buffer.byteLength(written) > MAX_POLICY_BYTES) {
    findings.add(START, `larger than ${String(MAX_POLICY_BYTES)} bytes`)
    return undefined
  }
  const text = withoutByteOrderMark(written)
  if (!checkCharacters(text, findings)) return undefined
  const lines = new LineCounter()
  const tokens = yamlTokens(text, lines, findings)
  const document = tokens.readable ? compose(tokens, { lines, findings, length: text.length }) : undefined
  return document && treeOf(document.contents, { lines, findings, wanted })
}

interface Place {
  readonly lines: LineCounter
  readonly findings: Findings
  readonly length: number
}

function compose({ tokens, told }: Tokens, { lines, findings, length }: Place): Document.Parsed | undefined {
  // `uniqueKeys` compares each key with each other one; ours is a set. A merge key is told by name.
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    merge: false,
    uniqueKeys: false,
    prettyErrors: false,
  })
  const [document, second] = [...composer.compose(tokens, true, length)]
  if (document === undefined) return undefined
  if (second !== undefined) findings.add(spotOf(lines, second.range[0]), 'a second document: a policy is one')
  // INVARIANT: a warning is an error too, unless it follows from what was told already.
  const faults = [...document.errors, ...document.warnings].filter((f) => !told.has(spotOf(lines, f.pos[0]).line))
  for (const fault of faults) findings.add(spotOf(lines, fault.pos[0]), messageOfYaml(fault.message))
  const usable = document.errors.length === 0 && faults.length === 0 && second === undefined
  return usable ? document : undefined
}

function messageOfYaml(message: string): string {
  return `not readable as YAML: ${message.slice(0, 1).toLowerCase()}${message.slice(1)}`
}
