import { CapFenceError } from '../../kernel/errors.ts'
import type { FileFacts } from '../../kernel/files.ts'
import { type Machine, paths } from '../../kernel/ports.ts'

/** What SQLite keeps beside a database: they hold its newest rows, or would be rolled into it. */
const COMPANIONS = ['-wal', '-shm', '-journal'] as const

/** What this module needs of the machine. */
export type FileMachine = Pick<Machine, 'files' | 'host'>

/**
 * The real path of a database that is safe to write, made 0600 (its folder 0700) where it is missing.
 *
 * `ENGINE_UNSAFE` where the file or a companion belongs to another user or may be written by group or world.
 */
export function ownedDatabase(path: string, { files, host }: FileMachine): string {
  files.folder(paths.parent(path), 0o700)
  // Before SQLite opens it: SQLite would make it readable by everyone.
  files.create(path, '', 0o600)
  const facts = files.facts(path)
  if (facts === undefined) throw failed(`\`${path}\` is a link that leads nowhere; remove it, or choose another path`)
  const real = files.realPath(path)
  checkFile(real, facts, host.userId())
  for (const suffix of COMPANIONS) {
    const companion = files.facts(real + suffix)
    if (companion !== undefined) checkFile(real + suffix, companion, host.userId())
  }
  return real
}

/** The real path of a database that must be there already. Anyone's may be read: a reader believes signatures alone. */
export function existingDatabase(path: string, { files }: FileMachine): string {
  const facts = files.facts(path)
  if (facts === undefined) throw failed(`there is no database at \`${path}\`; check the path`)
  if (facts.kind !== 'file') throw failed(`\`${path}\` is not a file; name the database file`)
  return files.realPath(path)
}

/** What tells whether a file was written meanwhile. */
export function fileStamp(real: string, { files }: Pick<FileMachine, 'files'>): string {
  const facts = files.facts(real)
  return `${String(facts?.fileId)} ${String(facts?.changedAt)} ${String(facts?.sizeBytes)}`
}

/** Which file the path names now. */
export function fileAt(real: string, { files }: Pick<FileMachine, 'files'>): string {
  return files.facts(real)?.fileId ?? 'none'
}

/**
 * Which files the path, its log and its index name now. An open connection keeps the ones it has, and nobody else takes
 * one away meanwhile: where these change, what it commits is in files that nobody can find, or that others overwrite.
 */
export function filesAt(real: string, machine: Pick<FileMachine, 'files'>): string {
  return `${fileAt(real, machine)} ${fileAt(`${real}-wal`, machine)} ${fileAt(`${real}-shm`, machine)}`
}

/** Whether a write-ahead log stands beside the database: a writer is alive, or was killed. */
export function hasLog(real: string, { files }: Pick<FileMachine, 'files'>): boolean {
  return files.facts(`${real}-wal`) !== undefined
}

/** The real path of a file that need not be there yet: links above it are resolved. */
export function realPathOf(path: string, machine: Pick<FileMachine, 'files'>): string {
  if (machine.files.facts(path) !== undefined) return machine.files.realPath(path)
  const parent = paths.parent(path)
  return parent === path ? path : paths.join(realPathOf(parent, machine), paths.base(path))
}

function checkFile(path: string, facts: FileFacts, userId: number | undefined): void {
  if (facts.kind !== 'file') throw failed(`\`${path}\` is not a file; choose another path`)
  if (userId === undefined) return // a system without owners and modes
  if (facts.ownerId !== userId) {
    throw unsafe(
      `\`${path}\` belongs to another user (${String(facts.ownerId)}); choose another path, or change its owner`,
    )
  }
  if ((facts.mode & 0o022) !== 0) {
    throw unsafe(`\`${path}\` can be written by other users (mode ${facts.mode.toString(8)}); run: chmod 600 ${path}`)
  }
}

function failed(message: string): CapFenceError {
  return new CapFenceError('ENGINE_FAILED', message)
}

function unsafe(message: string): CapFenceError {
  return new CapFenceError('ENGINE_UNSAFE', message)
}
