import { CST, Lexer, type LineCounter, Parser } from 'yaml'
import type { Findings } from './findings.ts'
import type { Spot } from './source-node.ts'

/** The deepest nesting of a policy file. */
const MAX_NESTING = 40
/** The most lexemes of a policy file. */
const MAX_LEXEMES = 250_000

/** The tokens of a text, and what in them is no part of the policy language. */
export interface Tokens {
  readonly tokens: readonly CST.Token[]
  /** Lines that hold something that was told already, so that what follows from it is not told again. */
  readonly told: ReadonlySet<number>
  /** False where the text cannot be read on: a directive, or nesting too deep for what comes next. */
  readonly readable: boolean
}

// One lexeme at a time, so that neither a deep nest nor a bomb of aliases is ever built.
/** Splits a text into YAML's tokens, and tells aliases, anchors, tags and directives. */
export function yamlTokens(text: string, lines: LineCounter, findings: Findings): Tokens {
  const parser = new Parser(lines.addNewLine)
  const tokens: CST.Token[] = []
  const told = new Set<number>()
  const tell = (spot: Spot, message: string): void => {
    told.add(spot.line)
    findings.add(spot, message)
  }
  lines.addNewLine(0)
  let readable = true
  let inScalar = false
  let lexemes = 0
  for (const lexeme of new Lexer().lex(text)) {
    const start = parser.offset
    const type: string | null = inScalar ? 'scalar' : CST.tokenType(lexeme)
    inScalar = !inScalar && type === 'scalar'
    const fault = faultOf(type, lexeme)
    if (fault !== undefined) tell(spotOf(lines, start), fault)
    if (type === 'directive-line') readable = false
    tokens.push(...parser.next(lexeme))
    lexemes += 1
    const excess = excessOf(parser.stack.length, lexemes)
    if (excess !== undefined) {
      tell(spotOf(lines, start), excess)
      return { tokens: [], told, readable: false }
    }
  }
  tokens.push(...parser.end())
  return { tokens, told, readable }
}

/** The place of an offset. */
export function spotOf(lines: LineCounter, offset: number): Spot {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(line, 1), column: Math.max(col, 1) }
}

function excessOf(nesting: number, lexemes: number): string | undefined {
  if (nesting > MAX_NESTING + 2) return `nested deeper than ${String(MAX_NESTING)}`
  return lexemes > MAX_LEXEMES ? `more than ${String(MAX_LEXEMES)} YAML tokens` : undefined
}

function faultOf(type: string | null, lexeme: string): string | undefined {
  switch (type) {
    case 'alias':
      return `\`${shown(lexeme)}\` is a YAML alias, and a policy has none: to mean the text, quote it: \`"${shown(lexeme)}"\``
    case 'anchor':
      return `\`${shown(lexeme)}\` is a YAML anchor, and a policy has none: to mean the text, quote it`
    case 'tag':
      return `\`${shown(lexeme)}\` is a YAML tag, and a policy has none: to mean the text, quote it`
    case 'directive-line':
      return `\`${shown(lexeme)}\` is a YAML directive: a policy is YAML 1.2 and takes none`
    default:
      return undefined
  }
}

function shown(lexeme: string): string {
  return lexeme.length <= 60 ? lexeme : `${lexeme.slice(0, 59)}…`
}
