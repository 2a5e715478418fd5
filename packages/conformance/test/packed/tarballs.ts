import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, realpathSync, symlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { ROOT, pnpm, runWell, tool } from './run.ts'

/** What these tests read of a `package.json`. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly files?: readonly string[]
  readonly exports: Readonly<Record<string, unknown>>
  readonly scripts?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

/** A package of the repository, and what would be published of it. */
export interface Packed {
  readonly name: string
  /** As it stands in the repository. */
  readonly source: Manifest
  /** As it stands in the tarball. */
  readonly manifest: Manifest
  readonly tarball: string
  /** The tarball, unpacked. */
  readonly folder: string
  /** Each file of the tarball, in order. */
  readonly files: readonly string[]
}

/** The names of the folders of all packages that are published. */
export const PUBLISHED: readonly string[] = readdirSync(join(ROOT, 'packages'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(join(ROOT, 'packages', entry.name, 'package.json')))
  .map(({ name }) => name)
  .filter((name) => manifestOf(join(ROOT, 'packages', name)).private !== true)

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
}

/** What can be imported of a package: by which name, and which file of its sources that is. */
export function entriesOf({
  name,
  manifest,
}: Packed): readonly { readonly specifier: string; readonly source: string }[] {
  return Object.entries(manifest.exports).flatMap(([path, target]) => {
    const { default: built } = Object(target) as { readonly default?: string }
    const source = built?.replace('./dist/', 'src/').replace(/\.js$/u, '.ts')
    return source === undefined ? [] : [{ specifier: `${name}${path.slice(1)}`, source }]
  })
}

/** Builds every package from nothing in a copy of the repository, and packs them, by the name of their folder. */
export async function packAll(folder: string): Promise<ReadonlyMap<string, Packed>> {
  const copy = join(folder, 'repository')
  copyRepository(copy)
  await runWell(copy, tool('tsc'), '-b', 'packages/tsconfig.build.json')
  const tarballs = join(folder, 'tarballs')
  const filters = PUBLISHED.flatMap((name) => ['--filter', `./packages/${name}`])
  await pnpm(copy, '-r', ...filters, 'pack', '--pack-destination', tarballs)
  const packed = await Promise.all(
    PUBLISHED.map(async (name) => [name, await unpack(name, { tarballs, into: join(folder, 'unpacked') })] as const),
  )
  return new Map(packed)
}

// Without `dist`: what an earlier build left there must not be published, and other tests may be reading it.
function copyRepository(copy: string): void {
  const left = new Set(['node_modules', 'dist', 'test', 'bench'])
  cpSync(join(ROOT, 'packages'), join(copy, 'packages'), {
    recursive: true,
    filter: (path) => !left.has(basename(path)),
  })
  for (const file of ['LICENSE', 'package.json', 'pnpm-workspace.yaml', 'tsconfig.base.json']) {
    cpSync(join(ROOT, file), join(copy, file))
  }
  for (const name of readdirSync(join(copy, 'packages'))) linkModules(join('packages', name), copy)
}

function linkModules(of: string, copy: string): void {
  const modules = join(ROOT, of, 'node_modules')
  for (const name of existsSync(modules) ? moduleNames(modules) : []) {
    const own = name.startsWith('@capfence/') && join(copy, 'packages', name.slice('@capfence/'.length))
    const link = join(copy, of, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(own === false ? realpathSync(join(modules, name)) : own, link, 'junction')
  }
}

function moduleNames(modules: string): readonly string[] {
  return readdirSync(modules)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) =>
      name.startsWith('@') ? readdirSync(join(modules, name)).map((in_) => `${name}/${in_}`) : [name],
    )
}

async function unpack(name: string, { tarballs, into }: { tarballs: string; into: string }): Promise<Packed> {
  const source = manifestOf(join(ROOT, 'packages', name))
  const tarball = join(tarballs, `${source.name.slice(1).replace('/', '-')}-${source.version}.tgz`)
  const outer = join(into, name)
  mkdirSync(outer, { recursive: true })
  await runWell(outer, 'tar', '-xzf', tarball)
  const folder = join(outer, 'package')
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted()
  return { name: source.name, source, manifest: manifestOf(folder), tarball, folder, files }
}
