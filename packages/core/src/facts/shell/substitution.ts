import type { WordPart } from './bash-parser.ts'
import { markOpaque, spanOf, type Reading } from './reading.ts'
import { sharedScope, subshellScope, type Scope } from './scope.ts'
import type { WordDraft } from './word-draft.ts'

interface Place {
  readonly reading: Reading
  readonly scope: Scope
}

/** Reads the script of a command substitution; the word holds what it puts out. */
export function readSubstitution(
  draft: WordDraft,
  part: Extract<WordPart, { type: 'CommandExpansion' }>,
  place: Place,
): void {
  const { reading, scope } = place
  const span = spanOf(part, scope)
  if (part.script === undefined) return markOpaque(reading, 'a substitution cannot be read', span)
  // Bash takes these line ends out before it takes the backslashes out, the parser after.
  if (part.text.startsWith('`') && part.text.includes('\\\n')) markOpaque(reading, 'a line ends in backquotes', span)
  if (part.text.startsWith('$((')) markOpaque(reading, 'a substitution begins like arithmetic', span)
  if (part.text.startsWith('${')) markOpaque(reading, 'a substitution changes the shell that it is in', span)
  draft.sources.push(reading.readScript(reading, part.script, nested(part, subshellScope(scope))))
}

/** Reads the script of a process substitution, which feeds the word or is fed by it. */
export function readProcess(
  draft: WordDraft,
  part: Extract<WordPart, { type: 'ProcessSubstitution' }>,
  place: Place,
): void {
  const { reading, scope } = place
  const inner = subshellScope(scope)
  if (part.script === undefined) {
    markOpaque(reading, 'a process substitution cannot be read', spanOf(part, scope))
  } else if (part.operator === '<') {
    draft.sources.push(reading.readScript(reading, part.script, nested(part, inner)))
  } else {
    draft.sinks.push(reading.readScript(reading, part.script, nested(part, { ...inner, feed: { kind: 'pipe' } })))
  }
}

// A script with a source of its own (escaped backquotes) has positions in that.
function nested(
  part: {
    readonly pos: number
    readonly end: number
    readonly text: string
    readonly script: { readonly source?: string } | undefined
  },
  scope: Scope,
): Scope {
  const rewritten = part.text.startsWith('`') ? undefined : 'last'
  const source = part.script?.source
  const inner = { ...sharedScope(scope), rewritten } as const
  return source === undefined ? inner : { ...inner, source, span: spanOf(part, scope) }
}
