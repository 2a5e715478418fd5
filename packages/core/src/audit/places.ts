import { sha256Hex } from '../kernel/digest.ts'
import { CapFenceError, messageOf } from '../kernel/errors.ts'
import { type Machine, paths } from '../kernel/ports.ts'

/** Where this user's keys, trust and remembered heads are. */
export interface Places {
  readonly keys: string
  readonly trust: string
  readonly heads: string
}

/** The environment variable that names another file for the writer's key. */
export const KEY_FILE_VARIABLE = 'CAPFENCE_KEY_FILE'

/** `$XDG_CONFIG_HOME/capfence` or `~/.config/capfence`, and the like for state. A relative variable is an error, not ignored. */
export function places(machine: Pick<Machine, 'host'>): Places {
  const config = configFolder(machine)
  return {
    keys: paths.join(config, 'keys'),
    trust: paths.join(config, 'trust.json'),
    heads: paths.join(stateFolder(machine), 'heads'),
  }
}

/** `$XDG_CONFIG_HOME/capfence`, else `~/.config/capfence`. */
export function configFolder({ host }: Pick<Machine, 'host'>): string {
  return under(host, 'XDG_CONFIG_HOME', '.config')
}

/** `$XDG_STATE_HOME/capfence`, else `~/.local/state/capfence`. */
export function stateFolder({ host }: Pick<Machine, 'host'>): string {
  return under(host, 'XDG_STATE_HOME', paths.join('.local', 'state'))
}

/** The file that remembers a chain's head: `heads/<hex SHA-256(origin)>.json`. */
export function headPath(machine: Pick<Machine, 'host'>, origin: string): string {
  return paths.join(stateFolder(machine), 'heads', `${sha256Hex(origin)}.json`)
}

function under(host: Machine['host'], variable: string, usual: string): string {
  const named = host.env(variable)
  if (named === undefined || named === '') return paths.join(home(host, variable), usual, 'capfence')
  if (!paths.isAbsolute(named)) {
    throw new CapFenceError('IO', `\`${variable}\` must be an absolute path, it is \`${named}\`; correct or unset it`)
  }
  return paths.join(named, 'capfence')
}

function home(host: Machine['host'], variable: string): string {
  const hint = `set \`HOME\` or \`${variable}\` to an absolute path that this user can write`
  let folder: string
  try {
    folder = host.home()
  } catch (cause) {
    throw new CapFenceError('IO', `this user has no home folder (${messageOf(cause)}); ${hint}`, { cause })
  }
  if (!paths.isAbsolute(folder))
    throw new CapFenceError('IO', `the home folder \`${folder}\` is no absolute path; ${hint}`)
  return folder
}
