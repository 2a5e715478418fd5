import { readFileSync } from 'node:fs'
import { CapFenceError, type ChainHead, type Machine } from '@capfence/core'
import {
  type Checkpoint,
  type HeadRecord,
  localHeads,
  parseTrust,
  parseVkey,
  places,
  readTrust,
} from '@capfence/core/audit'
import { ioMessage } from '../io-message.ts'
import { expectedHead } from './expected-head.ts'
import { readVerifyState } from './verify-state.ts'

/** What is known from outside a database: whose signatures count, and how far its chains reached. */
export interface Outside {
  readonly trust: readonly string[]
  /** Approvers by name, where whoever verifies named a trust.json; this user's own count otherwise. */
  readonly approvers: ReadonlyMap<string, string> | undefined
  readonly heads: readonly HeadRecord[]
  /** Heads that whoever verifies vouches for. */
  readonly checkpoints: readonly Checkpoint[]
  /** Where both come from, in words. */
  readonly sources: readonly string[]
}

/** A database by its identity, and the chains that stand in it now. */
export interface FoundTrails {
  readonly identity: string
  readonly chains: readonly ChainHead[]
}

/** What whoever verifies named: keys, a head that they expect, and a file that remembers others. */
export interface NamedOutside {
  readonly trust?: string | undefined
  readonly expectHead?: string | undefined
  readonly state?: string | undefined
}

/** The keys that are pinned, and the heads that are remembered of the chains that stand or stood in a database. */
export function outside(
  machine: Machine,
  { trust, expectHead, state }: NamedOutside,
  { identity, chains }: FoundTrails,
): Outside {
  const pinned = trust === undefined ? localKeys(machine) : { ...namedKeys(trust), source: 'keys: as given by --trust' }
  const origins = chains.map(({ origin }) => origin)
  const heads = localHeads(machine, identity, origins)
  const expected = expectHead === undefined ? [] : [expectedHead(expectHead, pinned.keys)]
  const earlier = state === undefined ? undefined : readVerifyState(machine, state)
  return {
    trust: pinned.keys,
    approvers: pinned.approvers,
    heads: heads.flatMap(({ record }) => (record === undefined ? [] : [record])),
    checkpoints: [...expected, ...(earlier ?? [])],
    sources: [
      pinned.source,
      ...heads.map(({ source }) => source),
      ...expected.map((head) => `head: ${String(head.size)} records, as given by --expect-head`),
      ...stateSources(state, earlier),
    ],
  }
}

function stateSources(path: string | undefined, earlier: readonly Checkpoint[] | undefined): readonly string[] {
  if (path === undefined) return []
  if (earlier === undefined) return [`head: none in ${path} yet`]
  return earlier.map((head) => `head: ${String(head.size)} records, remembered in ${path}`)
}

interface NamedKeys {
  readonly keys: readonly string[]
  readonly approvers: ReadonlyMap<string, string> | undefined
}

interface Pinned extends NamedKeys {
  readonly source: string
}

function localKeys(machine: Machine): Pinned {
  const file = places(machine).trust
  const { writers, approvers } = readTrust(machine, file)
  const names = [...writers.keys()].map((name) => `\`${name}\``).join(', ')
  const source = names === '' ? `keys: none pinned in ${file}` : `keys: ${names}, pinned in ${file}`
  return { keys: [...writers.values()], approvers, source }
}

// A vkey itself, a trust.json, or a file with a vkey a line.
function namedKeys(named: string): NamedKeys {
  if (/^[^+/\\]+\+[0-9a-f]{8}\+/.test(named)) return { keys: [checkedVkey(named)], approvers: undefined }
  const text = readKeyFile(named)
  if (text.trimStart().startsWith('{')) {
    const { writers, approvers } = parseTrust(text, named)
    return { keys: someKeys([...writers.values()], named), approvers }
  }
  const lines = text.split('\n').map((line) => line.trim())
  const keys = lines.filter((line) => line !== '' && !line.startsWith('#'))
  return { keys: someKeys(keys.map(checkedVkey), named), approvers: undefined }
}

function checkedVkey(text: string): string {
  parseVkey(text)
  return text
}

function readKeyFile(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const why = ioMessage(path, cause)
    throw new CapFenceError('IO', `${why}; \`--trust\` takes a public key (\`name+hash+base64\`) or a file of them`, {
      cause,
    })
  }
}

// Without this check an empty file would quietly mean that no key is pinned.
function someKeys(keys: readonly string[], path: string): readonly string[] {
  if (keys.length === 0) throw new CapFenceError('TRUST_INVALID', `\`${path}\` names no writer's key`)
  return keys
}
