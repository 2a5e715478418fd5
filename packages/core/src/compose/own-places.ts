import { KEY_FILE_VARIABLE, places } from '../audit/places.ts'
import { isCapFenceError } from '../kernel/errors.ts'
import { type Machine, paths } from '../kernel/ports.ts'
import type { Policy } from '../policy/policy.ts'
import type { BaseDBEngine } from '../runtime/base-db-engine.ts'
import type { OwnPlaces } from '../runtime/tripwire.ts'

/** What of CapFence's own there is on this machine, for each policy: looked up once the database has its place. */
export function ownPlacesOf(ports: Machine, engine: Pick<BaseDBEngine, 'identity'>): (policy: Policy) => OwnPlaces {
  let known: { readonly policy: Policy; readonly database: string; readonly places: OwnPlaces } | undefined
  return (policy) => {
    const database = engine.identity
    if (known?.policy !== policy || known.database !== database) {
      known = { policy, database, places: ownPlaces(ports, database, policy.files) }
    }
    return known.places
  }
}

// The user's keys, trust and heads, a database file, policy files.
function ownPlaces(ports: Machine, database: string, policyFiles: readonly string[]): OwnPlaces {
  const { keys, trust, heads } = userPlaces(ports) ?? NO_PLACES
  const named = ports.host.env(KEY_FILE_VARIABLE)
  const secret = [...keys, ...(named === undefined || named === '' ? [] : [named])]
  // Beside the file itself SQLite keeps `-wal` and `-shm`.
  const files = paths.isAbsolute(database) ? [database, `${database}-wal`, `${database}-shm`] : []
  return {
    folder: ports.host.folder(),
    home: homeOf(ports),
    secret: underAllNames(secret, ports),
    fixed: underAllNames(
      [...trust, ...heads, ...files, ...policyFiles.filter((path) => paths.isAbsolute(path))],
      ports,
    ),
  }
}

const NO_PLACES = { keys: [], trust: [], heads: [] } as const

interface UserPlaces {
  readonly keys: readonly string[]
  readonly trust: readonly string[]
  readonly heads: readonly string[]
}

// A user without a home has none of these either.
function userPlaces(ports: Machine): UserPlaces | undefined {
  try {
    const { keys, trust, heads } = places(ports)
    return { keys: [keys], trust: [trust], heads: [heads] }
  } catch (cause) {
    if (isCapFenceError(cause)) return undefined
    throw cause
  }
}

function homeOf({ host }: Machine): string | undefined {
  try {
    return host.home()
  } catch {
    return undefined // nobody's `~` then leads anywhere
  }
}

function underAllNames(all: readonly string[], { files }: Machine): readonly string[] {
  return [...new Set(all.flatMap((path) => [path, realPath(path, files)]))]
}

function realPath(path: string, { links }: Machine['files']): string {
  try {
    return links.realPath(path) ?? path
  } catch {
    return path // what cannot be followed is known by its own name only
  }
}
