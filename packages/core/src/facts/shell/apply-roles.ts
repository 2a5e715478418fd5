import { effectOfRole, isTargetRole } from './effect-of-role.ts'
import { isEnvHook } from './env-hooks.ts'
import { literalField, type Field } from './field.ts'
import type { ParsedWords } from './parsed-words.ts'
import type { OperandSpec, TextRole, WordRole } from './program-spec.ts'
import { addEffect, markOpaque, type Reading } from './reading.ts'
import { addTarget, type TargetPlace } from './targets.ts'
import { TEXT_READERS } from './text-readers.ts'

/** A command or a text that a program starts. */
export type Started =
  | { readonly kind: 'words'; readonly fields: readonly Field[]; readonly isAnywhere?: true }
  | { readonly kind: 'text'; readonly fields: readonly Field[]; readonly isInput?: true }

/** What the words of a command did so far. */
export interface RolePlace extends TargetPlace {
  /** What relative names are taken from before an option of the command changes that. */
  readonly start: TargetPlace['folders']
  readonly reading: Reading
  readonly started: Started[]
  readonly roles: Set<WordRole>
  /** Words whose text is code, where these hold the output of other commands. */
  readonly code: Field[]
}

/** Options of `find` whose command runs in the folder of what was found. */
const ELSEWHERE = ['execdir', 'okdir']

/** Gives each value and each operand what its role says. */
export function applyRoles(parsed: ParsedWords, place: RolePlace): void {
  if (parsed.options.length > 0) applyValues(parsed, place)
  applyOperands(parsed, place)
  if (parsed.started === undefined) return
  place.roles.add('command')
  place.started.push({ kind: 'words', fields: parsed.started })
}

function applyValues(parsed: ParsedWords, place: RolePlace): void {
  const values: Record<string, WordRole> = {}
  for (const { option } of parsed.options) if (option.values !== undefined) Object.assign(values, option.values)
  for (const { option, flag, value, words } of parsed.options) {
    const role = (Object.hasOwn(values, flag) ? values[flag] : undefined) ?? option.role
    if (role === undefined) continue
    if (option.value === 'until') applyWords(role, words, { ...place, isAnywhere: ELSEWHERE.includes(flag) })
    else if (value !== undefined)
      applyRole(role, value, option.fromStart === true ? { ...place, folders: place.start } : place)
  }
}

function applyWords(
  role: WordRole,
  words: readonly Field[],
  place: RolePlace & { readonly isAnywhere: boolean },
): void {
  place.roles.add(role)
  if (role === 'command')
    place.started.push({ kind: 'words', fields: words, ...(place.isAnywhere && { isAnywhere: true }) })
  else for (const word of words) applyRole(role, word, place)
}

function applyOperands(parsed: ParsedWords, place: RolePlace): void {
  const { operands, roles } = parsed
  const texts: Field[] = []
  // Behind a word that becomes any number of words, places are not certain; before one that may be none, which is last.
  let isShifted = false
  const lastFrom = operands.findLastIndex(({ count }) => count !== 'any')
  for (const [index, field] of operands.entries()) {
    isShifted ||= field.count !== 'one'
    const isLast = index >= lastFrom
    const isCertain = !isShifted && (!isLast || index === operands.length - 1)
    for (const role of rolesAt(roles, { index, isLast, isCertain })) {
      if (role === 'shell') texts.push(field)
      else applyRole(role, field, place)
    }
  }
  if (texts.length > 0) {
    place.roles.add('shell')
    place.started.push({ kind: 'text', fields: texts })
  }
  applyMissing(parsed, place)
  if (operands.length > (roles.max ?? Infinity)) {
    markOpaque(place.reading, 'it has more operands than are known', place.span)
  }
}

function applyMissing({ operands, roles }: ParsedWords, place: RolePlace): void {
  const { first = [], rest } = roles
  if (roles.default === undefined || rest === undefined || operands.length > first.length) return
  applyRole(rest, literalField(roles.default, place.span), place)
}

function rolesAt(
  { first = [], rest = 'plain', last }: OperandSpec,
  { index, isLast, isCertain }: { readonly index: number; readonly isLast: boolean; readonly isCertain: boolean },
): readonly WordRole[] {
  const ending = isLast && last !== undefined ? [last] : []
  if (!isCertain) return [...new Set([...first, rest, ...ending])]
  if (ending.length > 0) return ending
  return [first[0] === 'env' ? 'env' : (first[index] ?? rest)]
}

function applyRole(role: WordRole, field: Field, place: RolePlace): void {
  place.roles.add(role)
  if (isTargetRole(role)) {
    const kind = effectOfRole(role)
    if (kind !== undefined) addTarget(place, kind, field)
    return
  }
  switch (role) {
    case 'plain':
      return
    case 'command':
    case 'shell':
      place.started.push({ kind: 'text', fields: [field] })
      return
    case 'code':
      place.code.push(field)
      return addEffect(place.effects, 'code.inline', { targets: [], span: place.span })
    case 'script':
      return applyScript(field, place)
    case 'env':
      return applyVariable(field, place)
    default:
      return applyText(role, field, place)
  }
}

function applyScript(field: Field, place: RolePlace): void {
  place.code.push(field)
  if (field.text === '-' || /^\/dev\/(?:stdin|fd\/0)$/u.test(field.text ?? '')) place.roles.delete('script')
  else addTarget(place, 'code.local', field)
}

function applyVariable(field: Field, place: RolePlace): void {
  const end = field.head.indexOf('=')
  if (end === -1) return markOpaque(place.reading, 'a variable that nobody can know is set', place.span)
  const name = field.head.slice(0, end)
  if (isEnvHook(name, field.text?.slice(end + 1)))
    addEffect(place.effects, 'env.hook', { targets: [name], span: place.span })
}

function applyText(role: TextRole, field: Field, place: RolePlace): void {
  const found = TEXT_READERS[role](field.text)
  if (found === 'opaque') return markOpaque(place.reading, 'a word holds what nobody can read', place.span)
  for (const { kind, target } of found) {
    if (target === undefined)
      addEffect(place.effects, kind, { targets: field.text === undefined ? [undefined] : [], span: place.span })
    else addTarget(place, kind, { ...field, text: target, head: target })
  }
}
