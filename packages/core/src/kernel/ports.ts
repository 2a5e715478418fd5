// The one file of core that reads the machine. All else is handed these ports.
import { randomBytes, randomUUID } from 'node:crypto'
import * as fs from 'node:fs'
import { homedir } from 'node:os'
import * as nodePath from 'node:path'
import { fileURLToPath } from 'node:url'
import { CapFenceError, messageOf } from './errors.ts'
import type { FileFacts, Files } from './files.ts'
import type { Clock, Host, Ids, Machine } from './machine.ts'
import { netOver } from './net.ts'

export type { Clock, Host, Ids, Machine } from './machine.ts'

/** The machine this process runs on. */
export function machine(): Machine {
  return { clock: systemClock, ids: systemIds, files: systemFiles, host: systemHost, net: netOver(fetch, systemClock) }
}

/** Path arithmetic of this system; reads nothing. */
export const paths: {
  join(...parts: string[]): string
  parent(path: string): string
  base(path: string): string
  isAbsolute(path: string): boolean
  resolve(...parts: string[]): string
  /** A folder or file that ships with this package. */
  shipped(name: string): string
} = {
  join: (...parts) => nodePath.join(...parts),
  parent: (path) => nodePath.dirname(path),
  base: (path) => nodePath.basename(path),
  isAbsolute: (path) => nodePath.isAbsolute(path),
  resolve: (...parts) => nodePath.resolve(...parts),
  // This file stands two folders deep, in the sources and in what is built from them.
  shipped: (name) => fileURLToPath(new URL(`../../${name}`, import.meta.url)),
}

const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (delayMs, task, hold) => {
    const timer = setTimeout(task, delayMs)
    if (hold === undefined) timer.unref()
    return () => {
      clearTimeout(timer)
    }
  },
  turn: () =>
    new Promise((resolve) => {
      setImmediate(resolve)
    }),
}

const systemIds: Ids = {
  id: () => randomUUID(),
  bytes: (size) => new Uint8Array(randomBytes(size)),
}

const systemHost: Host = {
  env: (name) => process.env[name],
  home: () => homedir(),
  folder: () => process.cwd(),
  userId: () => process.getuid?.(),
  processId: () => process.pid,
  isAlive,
  warn: (message) => {
    process.emitWarning(message, 'CapFenceWarning')
  },
}

const systemFiles: Files = {
  read: (path, maxBytes) => attempt(path, 'read', () => unlessGone(() => readText(path, maxBytes))),
  facts: (path) => attempt(path, 'inspect', () => factsOf(path)),
  create: (path, text, mode) => attempt(path, 'create', () => createWhole(path, text, mode)),
  claim: (path, text) => attempt(path, 'create', () => writeNew(path, text, { mode: 0o600 })),
  replace: (path, text, mode) => {
    attempt(path, 'write', () => {
      const draft = draftBeside(path)
      try {
        fs.writeFileSync(draft, text, { mode, flag: 'wx' })
        fs.renameSync(draft, path)
      } catch (cause) {
        fs.rmSync(draft, { force: true })
        throw cause
      }
    })
  },
  append: (path, text, mode) => attempt(path, 'write', () => appendWhole(path, text, mode)),
  end: (path, maxBytes) => attempt(path, 'read', () => unlessGone(() => readEnd(path, maxBytes))),
  remove: (path) => attempt(path, 'remove', () => fs.rmSync(path, { force: true })),
  folder: (path, mode) => attempt(path, 'create', () => fs.mkdirSync(path, { recursive: true, mode })),
  restrict: (path, mode) => attempt(path, 'restrict', () => fs.chmodSync(path, mode)),
  realPath: (path) => attempt(path, 'resolve', () => fs.realpathSync(path)),
  links: {
    // The system's own walk, which also gives names the case that they have on disk.
    realPath: (path) => attempt(path, 'resolve', () => unlessGone(() => realPathOf(path))),
    isLink: (path) => attempt(path, 'inspect', () => unlessGone(() => lookAt(path))?.isSymbolicLink() === true),
  },
}

// To look first is cheap, to throw for what is not there is not.
function realPathOf(path: string): string | undefined {
  return lookAt(path) === undefined ? undefined : fs.realpathSync.native(path)
}

function lookAt(path: string): fs.Stats | undefined {
  return fs.lstatSync(path, { throwIfNoEntry: false })
}

function readText(path: string, maxBytes: number): string {
  const found = fs.statSync(path)
  if (!found.isFile()) throw new Error('it is not a file')
  if (found.size > maxBytes) throw new Error(`it is larger than ${String(maxBytes)} bytes`)
  const bytes = fs.readFileSync(path)
  if (bytes.length > maxBytes) throw new Error(`it is larger than ${String(maxBytes)} bytes`)
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
}

function appendWhole(path: string, text: string, mode: number): void {
  const isNew = fs.statSync(path, { throwIfNoEntry: false }) === undefined
  fs.appendFileSync(path, text, { mode, flush: true })
  if (isNew) syncFolder(nodePath.dirname(path))
}

function readEnd(path: string, maxBytes: number): string {
  const handle = fs.openSync(path, 'r')
  try {
    const { size } = fs.fstatSync(handle)
    const from = Math.max(0, size - maxBytes)
    const bytes = Buffer.alloc(size - from)
    const text = bytes.toString('utf8', 0, fs.readSync(handle, bytes, 0, bytes.length, from))
    return from === 0 ? text : text.slice(text.indexOf('\n') + 1)
  } finally {
    fs.closeSync(handle)
  }
}

// Another process may remove a file between two of our calls, so that asking first is not enough.
function unlessGone<Value>(action: () => Value): Value | undefined {
  try {
    return action()
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT' || systemCode(cause) === 'ENOTDIR') return undefined
    throw cause
  }
}

function factsOf(path: string): FileFacts | undefined {
  const found = fs.statSync(path, { throwIfNoEntry: false })
  if (found === undefined) return undefined
  return {
    kind: found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other',
    fileId: `${String(found.dev)}:${String(found.ino)}`,
    mode: found.mode & 0o777,
    ownerId: found.uid,
    sizeBytes: found.size,
    changedAt: found.mtimeMs,
  }
}

// A name of its own, in the same folder: a rename or a link within one folder is atomic.
function draftBeside(path: string): string {
  return `${path}.${randomUUID()}.tmp`
}

function createWhole(path: string, text: string, mode: number): boolean {
  if (fs.lstatSync(path, { throwIfNoEntry: false }) !== undefined) return false
  const draft = draftBeside(path)
  try {
    writeNew(draft, text, { mode, flush: true })
    const made = unlessThere(() => fs.linkSync(draft, path))
    if (made) syncFolder(nodePath.dirname(path))
    return made
  } catch (cause) {
    // Some file systems have no hard links: there, another process may see the file before its text.
    if (!NO_LINKS.has(systemCode(cause))) throw cause
    return writeNew(path, text, { mode, flush: true })
  } finally {
    fs.rmSync(draft, { force: true })
  }
}

const NO_LINKS: ReadonlySet<unknown> = new Set(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK'])

function writeNew(path: string, text: string, options: { mode: number; flush?: boolean }): boolean {
  return unlessThere(() => fs.writeFileSync(path, text, { ...options, flag: 'wx' }))
}

// Windows keeps a folder's names by itself, and cannot open a folder to say so.
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const handle = fs.openSync(folder, 'r')
  fs.fsyncSync(handle)
  fs.closeSync(handle)
}

function unlessThere(make: () => void): boolean {
  try {
    make()
    return true
  } catch (cause) {
    if (systemCode(cause) === 'EEXIST') return false
    throw cause
  }
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0)
    return true
  } catch (cause) {
    return systemCode(cause) === 'EPERM' // there, but another user's
  }
}

function attempt<Value>(path: string, verb: string, action: () => Value): Value {
  try {
    return action()
  } catch (cause) {
    throw new CapFenceError('IO', `cannot ${verb} \`${path}\`: ${messageOf(cause)}`, { cause })
  }
}

function systemCode(cause: unknown): unknown {
  return cause instanceof Error && 'code' in cause ? cause.code : undefined
}
