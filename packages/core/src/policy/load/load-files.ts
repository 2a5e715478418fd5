import { CapFenceError, messageOf } from '../../kernel/errors.ts'
import type { Files, Links } from '../../kernel/files.ts'
import { paths } from '../../kernel/ports.ts'
import type { PolicyFinding } from '../policy.ts'
import { findingsOf } from './findings.ts'
import { isPack, packFile } from './packs.ts'
import { MAX_FILES, type ParsedFile, parseFile } from './parse-file.ts'
import { MAX_POLICY_BYTES } from './read-yaml.ts'

/** The longest way from a file to one that it extends, and on. */
const MAX_EXTENDS_DEPTH = 16
/** The most text of all files together, in UTF-16 units. */
const MAX_TOTAL_LENGTH = 8 * MAX_POLICY_BYTES

/** A policy file with those that it extends. */
export interface PolicyFile extends ParsedFile {
  /** As the extending file names it, without folders; undefined for the file that everything starts from. */
  readonly name: string | undefined
  /** The real path, or the name of a text. */
  readonly identity: string
  readonly bases: readonly PolicyFile[]
}

/** Where a policy starts: a file, or a text that stands for one. */
export interface PolicyStart {
  readonly path: string
  readonly text?: string
  /** Undefined for a text alone: it extends nothing. */
  readonly files?: Files
  /** The machine that holds the files that events name; without it, paths are read by their text alone. */
  readonly links?: Links | undefined
}

interface Loading {
  readonly files: Files | undefined
  readonly list: PolicyFinding[]
  readonly byIdentity: Map<string, PolicyFile>
  readonly identityByName: Map<string, string>
  length: number
}

interface Source {
  readonly path: string
  readonly text: string
  /** One a file, however it is named. */
  readonly identity: string
}

/** Reads a policy and all that it extends; throws only where the first file cannot be read. */
export function loadFiles(start: PolicyStart, list: PolicyFinding[]): PolicyFile | undefined {
  const loading: Loading = { files: start.files, list, byIdentity: new Map(), identityByName: new Map(), length: 0 }
  const source = firstSource(start)
  if (typeof source === 'string') {
    findingsOf(start.path, list).add({ line: 1, column: 1 }, source)
    return undefined
  }
  return loadFile({ source, name: undefined, above: [] }, loading)
}

function firstSource({ path, text, files }: PolicyStart): Source | string {
  if (text !== undefined) return { path, text, identity: path }
  if (files === undefined) throw unreadable(path, 'there is nothing to read it with')
  return readSource(path, files)
}

// A string says what is wrong with the file's content; that it cannot be read at all is thrown.
function readSource(path: string, files: Files): Source | string {
  try {
    const facts = files.facts(path)
    if (facts?.kind === 'file' && facts.sizeBytes > MAX_POLICY_BYTES)
      return `larger than ${String(MAX_POLICY_BYTES)} bytes`
    const text = files.read(path, MAX_POLICY_BYTES)
    if (text === undefined) throw new CapFenceError('IO', `cannot read \`${path}\`: there is no such file`)
    return { path, text, identity: files.realPath(path) }
  } catch (cause) {
    if (isEncodingFault(cause)) return 'not UTF-8'
    throw unreadable(path, messageOf(cause), cause)
  }
}

function isEncodingFault(cause: unknown): boolean {
  const inner = cause instanceof Error ? cause.cause : undefined
  return inner instanceof TypeError && 'code' in inner && inner.code === 'ERR_ENCODING_INVALID_ENCODED_DATA'
}

function unreadable(path: string, why: string, cause?: unknown): CapFenceError {
  return new CapFenceError('POLICY_UNREADABLE', why.includes(path) ? why : `cannot read \`${path}\`: ${why}`, { cause })
}

interface Step {
  readonly source: Source
  readonly name: string | undefined
  /** The files that led here, by identity. */
  readonly above: readonly string[]
}

function loadFile({ source, name, above }: Step, loading: Loading): PolicyFile {
  loading.length += source.text.length
  const parsed = parseFile(source.text, name, findingsOf(source.path, loading.list))
  const bases: PolicyFile[] = []
  const file: PolicyFile = { ...parsed, name, identity: source.identity, bases }
  loading.byIdentity.set(source.identity, file)
  for (const { path, spot } of parsed.extended) {
    const base = findBase(path, { source, above: [...above, source.identity] }, loading)
    if (typeof base === 'string') parsed.findings.add(spot, base)
    else if (!bases.includes(base)) bases.push(base)
  }
  return file
}

interface Extending {
  readonly source: Source
  readonly above: readonly string[]
}

function findBase(entry: string, from: Extending, loading: Loading): PolicyFile | string {
  if (loading.files === undefined) return 'a policy given as a text extends nothing'
  const found = findSource(entry, from, { ...loading, files: loading.files })
  if (typeof found === 'string') return found
  // A pack is told by its name: where it stands is no matter of who extends it.
  const source = isPack(entry) ? { ...found, path: entry } : found
  if (from.above.includes(source.identity)) return `\`${entry}\` leads back to itself`
  const loaded = loading.byIdentity.get(source.identity)
  const name = isPack(entry) ? entry : paths.base(entry)
  return loaded ?? newBase(entry, { source, name, above: from.above }, loading)
}

function findSource(entry: string, from: Extending, loading: Loading & { readonly files: Files }): Source | string {
  const path = isPack(entry) ? packFile(entry) : pathOf(entry, from.source.path)
  return knownSource(path, loading) ?? readBase(path, loading.files)
}

function pathOf(entry: string, from: string): string {
  return paths.isAbsolute(entry) ? entry : paths.join(paths.parent(from), entry)
}

// A file that was read is not read again, however often it is extended.
function knownSource(path: string, { files, byIdentity }: Loading): Source | undefined {
  const identity = identityOf(path, files)
  return identity !== undefined && byIdentity.has(identity) ? { path, text: '', identity } : undefined
}

function identityOf(path: string, files: Files | undefined): string | undefined {
  try {
    return files?.realPath(path)
  } catch {
    return undefined // there is none: reading it says why
  }
}

function newBase(entry: string, step: Step & { readonly name: string }, loading: Loading): PolicyFile | string {
  if (loading.byIdentity.size >= MAX_FILES) return `more than ${String(MAX_FILES)} files`
  if (step.above.length >= MAX_EXTENDS_DEPTH)
    return `more than ${String(MAX_EXTENDS_DEPTH)} files that extend each other`
  if (loading.length + step.source.text.length > MAX_TOTAL_LENGTH) return 'the files are too large together'
  const other = loading.identityByName.get(step.name)
  if (other !== undefined) return `two files are called \`${step.name}\`, so their rules' ids would clash: rename one`
  loading.identityByName.set(step.name, step.source.identity)
  return loadFile(step, loading)
}

function readBase(path: string, files: Files): Source | string {
  try {
    const source = readSource(path, files)
    return typeof source === 'string' ? `\`${path}\` is ${source}` : source
  } catch (cause) {
    return messageOf(cause)
  }
}
