import { userInfo } from 'node:os'
import { CapFenceError, type Machine, type Signer, isCapFenceError } from '@capfence/core'
import { DEFAULT_WRITER, keyPath, readKey, readTrust } from '@capfence/core/audit'
import { InvalidArgumentError } from 'commander'
import { type PinnedKey, pinnedKey } from './pinned-key.ts'

/** Whoever signs: chosen, but with nothing made yet. */
export interface Approver {
  readonly name: string
  /** The key; made, pinned or both here where the user has none that is trusted. */
  open(): { readonly signer: Signer; readonly made: PinnedKey | undefined }
}

const NO_USER = 'approver'

/**
 * The approver that is named, else the only one whose key is here. Several are a usage error that lists them; where there
 * is none, it is one that is named after the user and still to be made.
 */
export function chooseApprover(ports: Machine, named: string | undefined): Approver {
  if (named !== undefined) return here(named, namedKey(ports, named))
  const found = keysHere(ports)
  const [only, ...others] = found
  if (only === undefined) return stillToMake(ports)
  if (others.length === 0) return here(only.name, only.signer)
  const names = found.map(({ name }) => `\`${name}\``).join(', ')
  throw new InvalidArgumentError(`the keys of several approvers are here (${names}); say whose with \`--by NAME\``)
}

function here(name: string, signer: Signer): Approver {
  return { name, open: () => ({ signer, made: undefined }) }
}

function stillToMake(ports: Machine): Approver {
  const name = userName()
  return {
    name,
    open: () => {
      const made = pinnedKey(ports, 'approvers', name)
      return { signer: made.signer, made }
    },
  }
}

function namedKey(ports: Machine, name: string): Signer {
  const signer = keyOf(ports, name)
  if (signer !== undefined) return signer
  throw new CapFenceError(
    'KEY_MISSING',
    `there is no key file \`${keyPath(ports, name)}\`; make one with \`capfence keys init --role approver --name ${name}\``,
  )
}

interface KeyHere {
  readonly name: string
  readonly signer: Signer
}

function keysHere(ports: Machine): readonly KeyHere[] {
  return [...readTrust(ports).approvers].flatMap(([name, vkey]) => {
    // A name that no key file can have is somebody else's.
    const signer = isFileName(ports, name) ? keyOf(ports, name) : undefined
    return signer?.vkey === vkey ? [{ name, signer }] : []
  })
}

function isFileName(ports: Machine, name: string): boolean {
  try {
    keyPath(ports, name)
    return true
  } catch (cause) {
    if (isCapFenceError(cause) && cause.code === 'KEY_INVALID') return false
    throw cause
  }
}

function keyOf(ports: Machine, name: string): Signer | undefined {
  try {
    return readKey(ports, keyPath(ports, name))
  } catch (cause) {
    if (isCapFenceError(cause) && cause.code === 'KEY_MISSING') return undefined
    throw cause
  }
}

// The user's name with what no key file can be called folded away; the writer's own name is taken.
function userName(): string {
  const plain = systemName().normalize('NFKD').replace(/\p{M}/gu, '')
  const name = plain
    .replace(/[^A-Za-z0-9._@-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 64)
  return name === '' || name.toLowerCase() === DEFAULT_WRITER ? NO_USER : name
}

function systemName(): string {
  try {
    return userInfo().username
  } catch {
    return '' // a user without an entry in the system's list
  }
}
