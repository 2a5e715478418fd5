import type { ToolBinding } from '../../action/tool-binding.ts'
import type { Effect } from '../model.ts'
import { buildRule, ruleNode, type RuleText, type WrittenRule } from './build-rule.ts'
import { buildTool } from './build-tool.ts'
import { checkSchema } from './check-schema.ts'
import { checkScalars } from './exact-scalars.ts'
import type { Findings } from './findings.ts'
import type { RawFile } from './raw-policy.ts'
import { readYaml } from './read-yaml.ts'
import { toolSchema } from './schema-tool.ts'
import { fileSchema, ruleSchemas } from './schema.ts'
import { nodeAt, type SourceMap, type Spot } from './source-node.ts'
import { checkExtends } from './texts.ts'

/** The rule lists, strictest first. */
const EFFECTS = ['deny', 'require_approval', 'allow'] as const satisfies Effect[]

/** An entry of `tools`, and where it stands. */
export interface WrittenTool {
  readonly key: string
  readonly binding: ToolBinding
  readonly spot: Spot
  readonly findings: Findings
}

/** An entry of `extends`, and where it stands. */
interface ExtendsEntry {
  readonly path: string
  readonly spot: Spot
}

/** One policy file, checked by itself. What was wrong is left out, and stands in `findings`. */
export interface ParsedFile {
  readonly findings: Findings
  /** Undefined where nothing in the text could be read. */
  readonly root: SourceMap | undefined
  /** The head of the file: all but tools and rules. */
  readonly head: Partial<RawFile>
  /** The files that it extends, as written; also where another part of the head is wrong. */
  readonly extended: readonly ExtendsEntry[]
  readonly tools: readonly WrittenTool[]
  readonly rules: readonly WrittenRule[]
  /** Every rule that is a mapping, also those that did not pass their schema. */
  readonly ruleTexts: readonly RuleText[]
}

/** The most files of a policy, all together. */
export const MAX_FILES = 64
/** The most rules of a policy, all files together. */
export const MAX_RULES = 10_000
/** The most tools of a policy, all files together. */
export const MAX_TOOLS = 10_000
/** The longest key of `tools`. */
const MAX_TOOL_KEY = 256

/** Reads and checks one file; `name` is the prefix of default ids, none for the file that everything starts from. */
export function parseFile(text: string, name: string | undefined, findings: Findings): ParsedFile {
  const root = readYaml(text, findings)
  if (root === undefined) return { findings, root, head: {}, extended: [], tools: [], rules: [], ruleTexts: [] }
  checkScalars(root, findings)
  const head = checkSchema(fileSchema, root, findings) ?? {}
  const tools = parseTools(root, findings)
  const ruleTexts = ruleTextsOf(root, findings)
  const rules = ruleTexts.flatMap((text) => parseRule(text, name))
  return { findings, root, head, extended: extendsOf(root, findings), tools, rules, ruleTexts }
}

function extendsOf(root: SourceMap, findings: Findings): readonly ExtendsEntry[] {
  const list = nodeAt(root, ['extends'])
  if (list?.kind !== 'list') return []
  const entries = new Map<string, ExtendsEntry>()
  for (const [index, { kind, spot, ...item }] of list.items.entries()) {
    if (index >= MAX_FILES) {
      findings.add(spot, `more than ${String(MAX_FILES)} files`)
      break
    }
    const path = kind === 'scalar' && 'value' in item ? item.value : undefined
    if (typeof path !== 'string' || checkExtends(path) !== undefined) continue
    if (entries.has(path)) findings.add(spot, `\`${path.slice(0, 60)}\` stands twice`)
    else entries.set(path, { path, spot })
  }
  return [...entries.values()]
}

function parseTools(root: SourceMap, findings: Findings): readonly WrittenTool[] {
  const tools = nodeAt(root, ['tools'])
  if (tools?.kind !== 'map') return []
  // One more than a policy may have is enough to tell it.
  return [...tools.entries].slice(0, MAX_TOOLS + 1).flatMap(([key, { keySpot: spot, value }]) => {
    const fault = toolKeyFault(key)
    if (fault !== undefined) findings.add(spot, fault)
    const raw = checkSchema(toolSchema, value, findings)
    return raw === undefined || fault !== undefined
      ? []
      : [{ key, binding: buildTool(raw, value, findings), spot, findings }]
  })
}

function toolKeyFault(key: string): string | undefined {
  if (key === '' || /\p{Cc}/u.test(key) || key.trim() !== key) {
    return 'a tool has a name without control characters and without blanks at its ends'
  }
  return key.length > MAX_TOOL_KEY ? `a tool's name is no longer than ${String(MAX_TOOL_KEY)}` : undefined
}

interface PlacedText extends RuleText {
  readonly index: number
}

function ruleTextsOf(root: SourceMap, findings: Findings): readonly PlacedText[] {
  const texts = EFFECTS.flatMap((effect) => {
    const list = nodeAt(root, [effect])
    if (list?.kind !== 'list') return []
    return list.items.flatMap((item, index) => {
      const node = ruleNode(item)
      if (node.kind === 'map') return [{ effect, node, findings, index }]
      findings.add(node.spot, 'a rule is a capability pattern in quotes, or a mapping')
      return []
    })
  })
  return texts.slice(0, MAX_RULES + 1)
}

function parseRule({ effect, node, findings, index }: PlacedText, name: string | undefined): readonly WrittenRule[] {
  const raw = checkSchema(ruleSchemas[effect], node, findings)
  if (raw === undefined) return []
  const place = `${effect}[${String(index)}]`
  return [buildRule({ effect, raw, node, defaultId: name === undefined ? place : `${name}:${place}` }, findings)]
}
