import type { RolePlace } from './apply-roles.ts'
import { literalField } from './field.ts'
import type { ParsedWords } from './parsed-words.ts'
import type { WordRole } from './program-spec.ts'
import { addEffect, markOpaque, type Reading, type Run } from './reading.ts'
import type { Feed } from './scope.ts'
import { addTarget } from './targets.ts'

/** Roles of words that make a program take no code from its input. */
const CODE_ROLES: readonly WordRole[] = ['shell', 'code', 'script', 'command', 'sed', 'awk', 'sql']
/** Options under which a program only tells of itself. */
const TELLING = ['help', 'version']

/** What a program takes its standard input for: a shell's text, or other code; undefined where it is data. */
export function takesStdin(parsed: ParsedWords, { roles }: RolePlace, feed: Feed): 'shell' | 'code' | undefined {
  if (CODE_ROLES.some((role) => roles.has(role)) || TELLING.some((flag) => parsed.flags.has(flag))) return undefined
  // One that would join its operands to a text for a shell starts that shell without any: `sudo -s`.
  if (parsed.roles.rest === 'shell' && feed.kind !== 'inherited') return 'shell'
  const stdin = parsed.levels.map(({ spec }) => spec.stdin).findLast((each) => each !== undefined)
  return stdin === 'words' ? undefined : stdin
}

/** Reads the code that a program is fed; what comes through a pipe is judged when all commands are known. */
export function takeStdin(
  reading: Reading,
  { run, place, stdin }: { readonly run: Run; readonly place: RolePlace; readonly stdin: 'shell' | 'code' },
): void {
  const { feed } = run.scope
  const { span } = run
  switch (feed.kind) {
    case 'text':
      if (stdin === 'code') return addEffect(run.effects, 'code.inline', { targets: [], span })
      if (feed.text === undefined) return
      place.started.push({
        kind: 'text',
        fields: [literalField(feed.text, span)],
        ...(feed.text.trimEnd().includes('\n') && { isInput: true }),
      })
      return
    case 'file':
      return addTarget(place, 'code.local', feed.file)
    case 'pipe':
      return
    case 'script':
    case 'inherited':
      if (stdin === 'code') return addEffect(run.effects, 'code.inline', { targets: [], span })
      return markOpaque(reading, 'a shell reads what nobody can know', span)
    default:
      return feed satisfies never
  }
}

/** Whether what a program is fed is judged only when all commands are known: it comes from some of them. */
export function isFedByOthers(feed: Feed, stdin: 'shell' | 'code'): boolean {
  return feed.kind === 'pipe' || (feed.kind === 'text' && feed.text === undefined && stdin === 'shell')
}
