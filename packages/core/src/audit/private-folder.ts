import { CapFenceError, type ErrorCode, isCapFenceError } from '../kernel/errors.ts'
import type { FileFacts } from '../kernel/files.ts'
import { type Machine, paths } from '../kernel/ports.ts'

/** What others may not do with a file or folder, as mode bits. */
export const NO_ACCESS = 0o077
export const NO_WRITE = 0o022

type Ports = Pick<Machine, 'files' | 'host'>

/** Makes a folder 0700 where it is missing. One that another user owns or may enter is refused with the code. */
export function privateFolder(folder: string, machine: Ports, code: ErrorCode): void {
  try {
    machine.files.folder(folder, 0o700)
  } catch (cause) {
    if (!isCapFenceError(cause)) throw cause
    const hint = 'set `HOME`, `XDG_CONFIG_HOME` and `XDG_STATE_HOME` to folders that this user can write'
    throw new CapFenceError('IO', `${cause.message}; ${hint}`, { cause })
  }
  checkFolder(folder, machine, { code, forbidden: NO_ACCESS })
}

/** Refuses a folder that is not this user's, or that grants others a forbidden bit. */
export function checkFolder(
  folder: string,
  { files, host }: Ports,
  { code, forbidden }: { readonly code: ErrorCode; readonly forbidden: number },
): void {
  const facts = files.facts(folder)
  if (facts?.kind !== 'folder') throw new CapFenceError(code, `\`${folder}\` is not a folder`)
  const why = othersMay(facts, host.userId(), forbidden)
  if (why !== undefined)
    throw new CapFenceError(code, `the folder \`${folder}\` ${why}; \`chmod 700\` it, or use another`)
}

/** Why a file or folder is not this user's alone, or undefined where it is. Systems without owners and modes pass. */
export function othersMay(facts: FileFacts, userId: number | undefined, forbidden: number): string | undefined {
  if (userId === undefined) return undefined
  if (facts.ownerId !== userId) return `belongs to another user (${String(facts.ownerId)}, not ${String(userId)})`
  if ((facts.mode & forbidden) === 0) return undefined
  return `is open to other users (mode ${facts.mode.toString(8).padStart(4, '0')})`
}

/** The folder that a path is in. */
export function folderOf(path: string): string {
  return paths.parent(path)
}
