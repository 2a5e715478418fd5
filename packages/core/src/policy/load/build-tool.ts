import { capability } from '../../action/capability.ts'
import type { ToolBinding } from '../../action/tool-binding.ts'
import type { Findings } from './findings.ts'
import { many } from './many.ts'
import type { OneOrMany, RawTool } from './raw-policy.ts'
import { keySpotAt, type SourceNode } from './source-node.ts'

/** What belongs to another key and says nothing without it. */
const NEEDS = [
  ['shell', 'command'],
  ['cwd', 'command'],
  ['dialect', 'sql'],
  ['root', 'path'],
  ['decodes', 'path'],
] as const satisfies [keyof RawTool, keyof RawTool][]

/** A binding from an entry of `tools` that passed its schema; what does not fit together is told. */
export function buildTool(raw: RawTool, node: SourceNode, findings: Findings): ToolBinding {
  for (const [key, other] of NEEDS) {
    if (raw[key] !== undefined && raw[other] === undefined) {
      findings.add(keySpotAt(node, [key]), `\`${key}\` says nothing without \`${other}\``)
    }
  }
  if (raw.sql !== undefined && raw.dialect === undefined) {
    findings.add(keySpotAt(node, ['sql']), '`sql` needs its `dialect`: it is declared, never guessed')
  }
  return {
    capability: capability(raw.capability),
    ...given({
      command: listed(raw.command),
      shell: raw.shell,
      cwd: raw.cwd,
      sql: listed(raw.sql),
      dialect: raw.dialect,
      path: listed(raw.path),
      root: raw.root,
      decodes: raw.decodes,
      url: listed(raw.url),
      amount: raw.amount,
    }),
  }
}

function listed(names: OneOrMany<string> | undefined): readonly string[] | undefined {
  return names === undefined ? undefined : many(names)
}

type Given<Fields> = { readonly [Key in keyof Fields]?: Exclude<Fields[Key], undefined> }

// A key that is absent and one that holds undefined are two things to canonical JSON.
function given<Fields extends object>(fields: Fields): Given<Fields> {
  const present = Object.entries(fields).filter(([, value]) => value !== undefined)
  return Object.fromEntries(present) as Given<Fields> // the same fields, less those that hold undefined
}
