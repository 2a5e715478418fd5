import { CapFenceError } from '../kernel/errors.ts'
import { type Machine, paths } from '../kernel/ports.ts'
import type { Signer } from '../kernel/signer.ts'
import { ensureKey, readKey } from './key-file.ts'
import { KEY_FILE_VARIABLE, configFolder } from './places.ts'
import { pinKey } from './trust.ts'

/** The name of the default writer's key, in its file and in `trust.json`. */
export const DEFAULT_WRITER = 'writer'
// Set to `1` where the writer's key is mounted readable for a group, as Kubernetes does it.
const GROUP_READ_VARIABLE = 'CAPFENCE_KEY_GROUP_READ'

/** The writer's key of this process. */
export interface WriterKey {
  readonly signer: Signer
  readonly vkey: string
  /** True where the key was made by this very call. */
  readonly created: boolean
}

/**
 * The file that `CAPFENCE_KEY_FILE` names, else this user's default key, made and pinned in `trust.json` at the first
 * use; of processes that race, one makes it and all end with it. A named file is neither made nor pinned.
 */
export function openWriterKey(machine: Machine): WriterKey {
  const named = machine.host.env(KEY_FILE_VARIABLE)
  if (named !== undefined && named !== '') return namedKey(machine, named)
  const { signer, created } = ensureKey(machine, DEFAULT_WRITER)
  pinKey(machine, 'writers', { name: DEFAULT_WRITER, vkey: signer.vkey })
  return { signer, vkey: signer.vkey, created }
}

function namedKey(machine: Machine, named: string): WriterKey {
  if (!paths.isAbsolute(named)) {
    throw new CapFenceError('KEY_UNSAFE', `\`${KEY_FILE_VARIABLE}\` must be an absolute path, it is \`${named}\``)
  }
  refuseInProject(machine, named)
  const signer = readKey(machine, named, { groupRead: machine.host.env(GROUP_READ_VARIABLE) === '1' })
  return { signer, vkey: signer.vkey, created: false }
}

// An agent works in its project: a key in there is a key that it can read. Not so where someone works in a folder that
// holds the whole home, such as `~` or `/`.
function refuseInProject(machine: Machine, path: string): void {
  const project = machine.host.folder()
  const inside = (inner: string): boolean => `${inner}/`.startsWith(project === '/' ? '/' : `${project}/`)
  if (machine.files.facts(path) === undefined || inside(configFolder(machine))) return
  if (inside(machine.files.realPath(path))) {
    throw new CapFenceError(
      'KEY_UNSAFE',
      `the key file \`${path}\` is inside the working folder; move it out of the project`,
    )
  }
}
