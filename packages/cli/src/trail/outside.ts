import { readFileSync } from 'node:fs'
import { CapFenceError, type ChainHead, type Machine, isCapFenceError } from '@capfence/core'
import { type HeadRecord, headPath, parseTrust, parseVkey, places, readHead, readTrust } from '@capfence/core/audit'
import { ioMessage } from '../io-message.ts'

/** What is known from outside a database: whose signatures count, and how far its chains reached. */
export interface Outside {
  readonly trust: readonly string[]
  readonly heads: readonly HeadRecord[]
  /** Where both come from, in words. */
  readonly sources: readonly string[]
}

/** The keys that are pinned and the heads that this user remembers of the chains. */
export function outside(machine: Machine, trust: string | undefined, chains: readonly ChainHead[]): Outside {
  const pinned =
    trust === undefined ? localKeys(machine) : { keys: namedKeys(trust), source: 'keys: as given by --trust' }
  const heads = chains.map((head) => localHead(machine, head))
  return {
    trust: pinned.keys,
    heads: heads.flatMap(({ record }) => (record === undefined ? [] : [record])),
    sources: [pinned.source, ...heads.map(({ source }) => source)],
  }
}

interface Pinned {
  readonly keys: readonly string[]
  readonly source: string
}

function localKeys(machine: Machine): Pinned {
  const file = places(machine).trust
  const { writers } = readTrust(machine, file)
  const names = [...writers.keys()].map((name) => `\`${name}\``).join(', ')
  const source = names === '' ? `keys: none pinned in ${file}` : `keys: ${names}, pinned in ${file}`
  return { keys: [...writers.values()], source }
}

// A vkey itself, a trust.json, or a file with a vkey a line.
function namedKeys(named: string): readonly string[] {
  if (/^[^+/\\]+\+[0-9a-f]{8}\+/.test(named)) return [checkedVkey(named)]
  const text = readKeyFile(named)
  if (text.trimStart().startsWith('{')) return someKeys([...parseTrust(text, named).writers.values()], named)
  const lines = text.split('\n').map((line) => line.trim())
  const keys = lines.filter((line) => line !== '' && !line.startsWith('#'))
  return someKeys(keys.map(checkedVkey), named)
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

interface LocalHead {
  readonly record: HeadRecord | undefined
  readonly source: string
}

function localHead(machine: Machine, { origin }: ChainHead): LocalHead {
  const path = headPath(machine, origin)
  try {
    const record = readHead(machine, origin)
    return {
      record,
      source:
        record === undefined ? `head: none at ${path}` : `head: ${String(record.size)} records, remembered in ${path}`,
    }
  } catch (cause) {
    // A damaged head proves nothing, and is no reason to leave the trail unread.
    if (!isCapFenceError(cause)) throw cause
    return { record: undefined, source: `head: not counted, ${cause.message}` }
  }
}
