import type { Field } from './field.ts'
import { addEffect, type EffectDraft } from './reading.ts'
import type { ShellEffectKind, Span } from './shell-facts.ts'

/** Files that hold nothing and keep nothing. */
const STREAMS = [
  '/dev/null',
  '/dev/stdin',
  '/dev/stdout',
  '/dev/stderr',
  '/dev/tty',
  '/dev/zero',
  '/dev/urandom',
  '/dev/random',
]
const DISK = /^\/dev\/(?:sd|hd|vd|xvd|nvme|mmcblk|disk|rdisk|mapper|md|dm-|loop|block)/u
/** How many folders are followed at once. */
const MAX_FOLDERS = 8

/** Where targets are added. */
export interface TargetPlace {
  readonly effects: EffectDraft[]
  /** What relative names are taken from; undefined where nobody can know. */
  readonly folders: readonly string[] | undefined
  readonly span: Span
}

/** Adds an effect on what a word names. */
export function addTarget(place: TargetPlace, kind: ShellEffectKind, field: Field): void {
  if (field.text !== undefined && isNothing(kind, field.text)) return
  addEffect(place.effects, kind, { targets: targetsOf(place, kind, field), span: place.span })
  if (kind === 'fs.write' && DISK.test(field.head)) {
    addEffect(place.effects, 'fs.wipe', { targets: [field.text], span: place.span })
  }
}

function isNothing(kind: ShellEffectKind, text: string): boolean {
  return (
    (kind === 'fs.read' || kind === 'fs.write') &&
    (text === '-' || STREAMS.includes(text) || /^\/dev\/fd\/\d+$/u.test(text))
  )
}

function targetsOf(place: TargetPlace, kind: ShellEffectKind, field: Field): readonly (string | undefined)[] {
  if (kind === 'net.connect' || kind === 'net.listen') return [field.text]
  if (field.text !== undefined) return pathsOf(place, field.text, field.hasTilde)
  if (field.folder === undefined) return [undefined]
  const folders = pathsOf(place, field.folder, field.hasTilde)
  // A delete takes away what is in the folder; anything else may go through a link that is there.
  return kind === 'fs.delete' ? folders : [...folders, undefined]
}

/** A path from each folder that it may be taken from. A tilde that bash does not resolve is shown to be a name. */
function pathsOf(
  { folders }: Pick<TargetPlace, 'folders'>,
  text: string,
  hasTilde: boolean,
): readonly (string | undefined)[] {
  if (text.startsWith('/') || (hasTilde && text.startsWith('~'))) return [text]
  const path = text.startsWith('~') ? `./${text}` : text
  if (folders === undefined) return [undefined]
  return folders.map((folder) => (folder === '' ? path : folder + path))
}

/** The folders after changing to a word from some folders; undefined where nobody can know. */
export function changeFolder(
  folders: readonly string[] | undefined,
  field: Field | undefined,
): readonly string[] | undefined {
  if (field?.text === undefined || field.text === '-') return undefined
  const paths = pathsOf({ folders }, field.text, field.hasTilde)
  const changed: string[] = []
  for (const path of paths) {
    if (path === undefined) return undefined
    changed.push(path.endsWith('/') ? path : `${path}/`)
  }
  return changed
}

/** The folders that either way may lead to. */
export function eitherFolder(
  some: readonly string[] | undefined,
  others: readonly string[] | undefined,
): readonly string[] | undefined {
  if (some === undefined || others === undefined) return undefined
  const all = [...new Set([...some, ...others])]
  return all.length > MAX_FOLDERS ? undefined : all
}
