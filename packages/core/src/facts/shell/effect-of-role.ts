import type { WordRole } from './program-spec.ts'
import type { ShellEffectKind } from './shell-facts.ts'

/** The roles that name what is done to a word. */
type TargetRole = 'read' | 'write' | 'delete' | 'perm' | 'wipe' | 'connect' | 'upload' | 'listen'

const EFFECTS: Readonly<Record<TargetRole, ShellEffectKind>> = {
  read: 'fs.read',
  write: 'fs.write',
  delete: 'fs.delete',
  perm: 'fs.perm',
  wipe: 'fs.wipe',
  connect: 'net.connect',
  upload: 'net.upload',
  listen: 'net.listen',
}

/** The effect of a role that names one; undefined for the others. */
export function effectOfRole(role: WordRole): ShellEffectKind | undefined {
  return isTargetRole(role) ? EFFECTS[role] : undefined
}

/** Whether a role names what is done to a word. */
export function isTargetRole(role: WordRole): role is TargetRole {
  return Object.hasOwn(EFFECTS, role)
}
