import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { End } from './ends.ts'
import { ROOT, pnpm } from './run.ts'
import type { Packed } from './tarballs.ts'

/** Installs an end with the tarballs in a folder of its own, with the stories of the repository beside it. */
export async function cleanFolder(folder: string, end: End, packed: ReadonlyMap<string, Packed>): Promise<void> {
  const own = end.packages.flatMap((name) => packed.get(name) ?? [])
  const tarballs = Object.fromEntries(own.map(({ name, tarball }) => [name, `file:${tarball}`]))
  await install(folder, { ...end.frameworks, ...tarballs }, tarballs)
  cpSync(join(ROOT, 'examples'), join(folder, 'examples'), { recursive: true })
  for (const [text, instead] of Object.entries(end.otherwise ?? {})) replaceIn(join(folder, 'examples'), text, instead)
}

/** Installs packages in a new folder, where a peer that is missing or of the wrong version is an error. */
export async function install(
  folder: string,
  dependencies: Readonly<Record<string, string>>,
  overrides: Readonly<Record<string, string>> = {},
): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const workspace = readFileSync(join(ROOT, 'pnpm-workspace.yaml'), 'utf8')
  const settings = { packages: [], strictPeerDependencies: true, autoInstallPeers: false, overrides }
  const lines = Object.entries(settings).map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
  const catalog = workspace.slice(workspace.indexOf('\ncatalog:'))
  writeFileSync(join(folder, 'pnpm-workspace.yaml'), `${lines.join('\n')}\n${catalog}`)
  const manifest = { name: 'clean-folder', private: true, type: 'module', dependencies }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  await pnpm(folder, 'install', '--prefer-offline', '--no-frozen-lockfile')
}

/** Replaces a text in each file of a folder that holds it. */
export function replaceIn(folder: string, text: string, instead: string): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const found = readFileSync(path, 'utf8')
    if (found.includes(text)) writeFileSync(path, found.replaceAll(text, instead))
  }
}

/** Writes a file, and the folder that it stands in. */
export function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
