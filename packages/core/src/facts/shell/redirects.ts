import type { HereDoc, Redirect, Redirection } from './bash-parser.ts'
import { expandValue, expandWord, readParts } from './expand-word.ts'
import { unknownField, type CommandRange, type Field } from './field.ts'
import { addEffect, addFieldFlows, markOpaque, spanOf, type EffectDraft, type Reading } from './reading.ts'
import type { Feed, Scope } from './scope.ts'
import { addTarget, type TargetPlace } from './targets.ts'

/** What redirects do. */
export interface Redirected {
  readonly effects: EffectDraft[]
  /** What standard input becomes; undefined where it stays. */
  readonly feed: Feed | undefined
  /** Words that they name, with the commands that feed them. */
  readonly fields: readonly Field[]
}

const NET = /^\/dev\/(?:tcp|udp)\//u
const DUPLICATE = /^(?:\d+-?|-)$/u

/** Reads redirects. A form that is not plain is not read: bash and others differ on some of them. */
export function readRedirects(reading: Reading, redirects: readonly Redirection[], scope: Scope): Redirected {
  const effects: EffectDraft[] = []
  const fields: Field[] = []
  let feed: Feed | undefined
  for (const redirect of redirects) {
    const fed = readOne(reading, redirect, { scope, effects, fields })
    if (fed !== undefined && isInput(redirect)) feed = fed
  }
  return { effects, feed, fields }
}

/** Says that commands in the words of redirects feed, or are fed by, some commands. */
export function addRedirectFlows(reading: Reading, { fields }: Redirected, to: CommandRange): void {
  addFieldFlows(reading, fields, to)
}

interface Place {
  readonly scope: Scope
  readonly effects: EffectDraft[]
  readonly fields: Field[]
}

function isInput({ descriptor }: Redirection): boolean {
  return descriptor === undefined || (descriptor.type === 'FileDescriptor' && descriptor.value === 0)
}

function readOne(reading: Reading, redirect: Redirection, place: Place): Feed | undefined {
  const { scope } = place
  if (redirect.descriptor?.type === 'FileDescriptorVariable') {
    markOpaque(reading, 'a redirect names its descriptor by a variable', spanOf(redirect, scope))
  }
  switch (redirect.type) {
    case 'HereDoc':
      return { kind: 'text', text: readHereDoc(reading, redirect, scope) }
    case 'HereString': {
      if (redirect.target === undefined) return { kind: 'text', text: undefined }
      const field = expandValue(reading, redirect.target, scope)
      place.fields.push(field)
      return { kind: 'text', text: field.hasTilde ? undefined : field.text }
    }
    case 'Redirect':
      return readFile(reading, redirect, place)
    default:
      return redirect satisfies never
  }
}

function doubtOf({ delimiter, closing }: HereDoc, scope: Scope): string | undefined {
  if (closing === undefined) return 'a here-document does not end'
  // Where these quotes are no form of the shell's, it ends elsewhere.
  if (/\$['"]/u.test(delimiter?.text ?? '')) return 'shells differ on where a here-document ends'
  return scope.rewritten === 'followed' ? 'a here-document stands before other commands in a substitution' : undefined
}

function readHereDoc(reading: Reading, document: HereDoc, scope: Scope): string | undefined {
  const doubt = doubtOf(document, scope)
  if (doubt !== undefined) markOpaque(reading, doubt, spanOf(document, scope))
  const { body, delimiter, operator } = document
  const isQuoted = delimiter?.quoted === true
  if (!isQuoted) readParts(reading, body.parts, scope)
  const isLiteral = isQuoted || !/[\\$`]/u.test(body.text)
  if (!isLiteral) return undefined
  return operator === '<<-' ? body.text.replace(/^\t+/gmu, '') : body.text
}

function readFile(reading: Reading, redirect: Redirect, place: Place): Feed | undefined {
  const { scope } = place
  const { operator, target } = redirect
  if (target === undefined) {
    markOpaque(reading, 'a redirect cannot be read', spanOf(redirect, scope))
    return undefined
  }
  // Bash ends the redirect behind the dash, and begins a word.
  if (operator.endsWith('&') && /^(?:\\\n)*-./su.test(target.text)) {
    markOpaque(reading, 'a redirect cannot be read', spanOf(redirect, scope))
  }
  const field = oneField(expandWord(reading, target, scope), place)
  if (field.text !== undefined) reading.words.push(field.text)
  return operator === '>&' || operator === '<&'
    ? copyDescriptor(reading, redirect, { ...place, field })
    : addFile(operator, { ...place, field })
}

function copyDescriptor(
  reading: Reading,
  redirect: Redirect,
  place: Place & { readonly field: Field },
): Feed | undefined {
  const { operator, descriptor } = redirect
  const { text } = place.field
  // An input that is a copy of another one is not followed.
  if (text !== undefined && DUPLICATE.test(text))
    return operator === '<&' ? { kind: 'text', text: undefined } : undefined
  if (operator === '<&' || text === undefined || descriptor !== undefined) {
    markOpaque(reading, 'a redirect copies a descriptor that nobody can know', spanOf(redirect, place.scope))
  }
  return addFile(operator, place)
}

function oneField(fields: readonly Field[], { fields: all }: Place): Field {
  all.push(...fields)
  const [field] = fields
  if (field === undefined || fields.length > 1) return unknownField(field?.span ?? { start: 0, end: 0 })
  return field.count === 'any' ? unknownField(field.span, { head: field.head }) : field
}

function addFile(
  operator: Redirect['operator'],
  { scope, effects, field }: Place & { readonly field: Field },
): Feed | undefined {
  const reads = operator.startsWith('<')
  const writes = operator.includes('>')
  const isProcess = field.sinks.length + field.sources.length > 0
  const isNet = NET.test(field.head)
  if (isNet) addNet(effects, field, writes)
  else if (!isProcess) {
    // A name that nobody can know may be one of bash's network names.
    if (field.text === undefined && field.folder === undefined && isStartOfNet(field.head))
      addNet(effects, field, writes)
    addFileTargets({ effects, folders: scope.state.folders, span: field.span }, field, { reads, writes })
  }
  if (!reads) return undefined
  return isNet || isProcess || writes ? { kind: 'pipe' } : { kind: 'file', file: field }
}

function addFileTargets(
  place: TargetPlace,
  field: Field,
  { reads, writes }: { readonly reads: boolean; readonly writes: boolean },
): void {
  if (reads) addTarget(place, 'fs.read', field)
  if (writes) addTarget(place, 'fs.write', field)
}

function addNet(effects: EffectDraft[], field: Field, writes: boolean): void {
  addEffect(effects, 'net.connect', { targets: [field.text?.split('/')[3]], span: field.span })
  if (writes) addEffect(effects, 'net.upload', { targets: [undefined], span: field.span })
}

function isStartOfNet(head: string): boolean {
  return ['/dev/tcp/', '/dev/udp/'].some((name) => name.startsWith(head) || head.startsWith(name))
}
