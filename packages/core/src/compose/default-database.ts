import { CapFenceError } from '../kernel/errors.ts'
import { type Machine, machine, paths } from '../kernel/ports.ts'

/**
 * Where the trail is kept when nobody says otherwise, the same for the SDK and the command line: `CAPFENCE_DB`, else
 * `.capfence/capfence.db` at the project's root, which is the nearest folder upward with `.git`, else with
 * `pnpm-workspace.yaml`, else the topmost with `package.json`, else the working folder.
 */
export function defaultDatabase(ports: Machine = machine()): string {
  const named = ports.host.env('CAPFENCE_DB')
  if (named !== undefined && named !== '') return paths.resolve(ports.host.folder(), named)
  return paths.join(projectRoot(ports), FOLDER, 'capfence.db')
}

const FOLDER = '.capfence'

/** Makes the default database's folder, private and ignored by git. One that is there and open to others is `ENGINE_UNSAFE`. */
export function prepareDatabaseFolder(database: string, ports: Machine = machine()): void {
  const folder = paths.parent(database)
  if (paths.base(folder) !== FOLDER) return
  ports.files.folder(folder, 0o700)
  const facts = ports.files.facts(folder)
  const userId = ports.host.userId()
  if (facts?.kind !== 'folder' || (userId !== undefined && facts.ownerId !== userId) || (facts.mode & 0o022) !== 0) {
    throw new CapFenceError(
      'ENGINE_UNSAFE',
      `\`${folder}\` is not a folder that only you can write; make it yours and \`chmod 700\` it, or set CAPFENCE_DB`,
    )
  }
  ports.files.create(paths.join(folder, '.gitignore'), '*\n', 0o600)
}

function projectRoot({ files, host }: Machine): string {
  const folders = upward(host.folder())
  const has = (name: string) => (folder: string) => files.facts(paths.join(folder, name)) !== undefined
  return (
    folders.find(has('.git')) ??
    folders.find(has('pnpm-workspace.yaml')) ??
    folders.findLast(has('package.json')) ??
    host.folder()
  )
}

function upward(folder: string): readonly string[] {
  const parent = paths.parent(folder)
  return parent === folder ? [folder] : [folder, ...upward(parent)]
}
