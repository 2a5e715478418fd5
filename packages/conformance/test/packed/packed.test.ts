// What users get: each package as it would be published, installed where nothing of this repository is.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { publint } from 'publint'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cleanFolder, install } from './clean-folder.ts'
import { CONTRACTS, keepsContract } from './contracts.ts'
import { AI_6, type End, LOWEST, NEWEST, lowestOf } from './ends.ts'
import { run, runWell } from './run.ts'
import { type Manifest, PUBLISHED, type Packed, packAll } from './tarballs.ts'
import { wrongSources, wrongTypes } from './wrong-types.ts'

// The whole fetches other frameworks and other Nodes and takes minutes, so it is for those who ask for it.
const isWhole = process.env['CAPFENCE_REQUIRE_SERVICES'] === '1' || process.env['CAPFENCE_PACKED'] === '1'
const ENDS = isWhole ? [NEWEST, LOWEST, AI_6] : [NEWEST]
const NODES = ['22.18.0', '24.21.0', '26.10.0'].filter((version) => isWhole && version !== process.versions.node)
const MINUTE = 60_000
const ATTW = fileURLToPath(new URL('dist/index.js', import.meta.resolve('@arethetypeswrong/cli/package.json')))

const FOLDER = mkdtempSync(join(tmpdir(), 'capfence-packed-'))
let packed: ReadonlyMap<string, Packed> = new Map()
const installed = new Map<End, Promise<string>>()

function of(name: string): Packed {
  const found = packed.get(name)
  if (found === undefined) throw new Error(`${name} was not packed`)
  return found
}

/** The folder that an end is installed in: once, whichever test asks first. */
async function folderOf(end: End): Promise<string> {
  const folder = join(FOLDER, end.name.replaceAll(' ', '-'))
  const found = installed.get(end) ?? cleanFolder(folder, end, packed).then(() => folder)
  installed.set(end, found)
  return await found
}

beforeAll(async () => {
  packed = await packAll(FOLDER)
}, 3 * MINUTE)

afterAll(() => {
  rmSync(FOLDER, { recursive: true, force: true, maxRetries: 3 })
}, MINUTE)

describe.each(PUBLISHED)('the tarball of %s', (name) => {
  test('holds-what-is-for-users-and-nothing-else', () => {
    const { files, source } = of(name)
    const listed = (source.files ?? []).filter((entry) => !entry.startsWith('!'))
    const always = ['LICENSE', 'README.md', 'package.json']
    const isListed = (file: string): boolean => [...always, ...listed].some((one) => `${file}/`.startsWith(`${one}/`))
    expect(files.filter((file) => !isListed(file) || /tsbuildinfo|\.test\.|(?:^|\/)test\//u.test(file))).toEqual([])
    expect([...always, ...listed].filter((entry) => !files.some((file) => `${file}/`.startsWith(`${entry}/`)))).toEqual(
      [],
    )
  })

  test('holds-the-build-of-each-source-and-no-other', () => {
    const { files } = of(name)
    const built = files.filter((file) => /^dist\/.*\.js$/u.test(file)).map((file) => file.slice(5, -3))
    const sources = files.filter((file) => /^src\/.*\.ts$/u.test(file)).map((file) => file.slice(4, -3))
    expect(built).toEqual(sources)
  })

  test('names-nothing-that-only-this-repository-has', () => {
    const { folder, manifest, source } = of(name)
    expect(readFileSync(join(folder, 'package.json'), 'utf8')).not.toMatch(/workspace:|catalog:|@capfence\/source/u)
    expect(manifest.exports).toEqual(withoutSources(source.exports))
    const own = Object.entries(manifest.dependencies ?? {}).filter(([other]) => other.startsWith('@capfence/'))
    expect(own.filter(([, range]) => !/^\^\d/u.test(range))).toEqual([])
  })

  test('says-what-it-is-and-where-it-runs', () => {
    expect(of(name).manifest).toMatchObject({ license: 'MIT', engines: { node: '>=22.18' }, type: 'module' })
  })

  test('runs-nothing-when-it-is-installed', () => {
    expect(Object.keys(of(name).manifest.scripts ?? {}).filter((script) => /install|prepare/u.test(script))).toEqual([])
  })

  test('passes-publint', async () => {
    const { buffer } = new Uint8Array(readFileSync(of(name).tarball))
    const { messages } = await publint({ pack: { tarball: buffer }, strict: true })
    expect(messages).toEqual([])
  })

  test('has-types-that-are-found', { timeout: MINUTE }, async () => {
    const { status, output } = await run(FOLDER, process.execPath, ATTW, '--profile', 'esm-only', of(name).tarball)
    expect(status, output).toBe(0)
  })
})

test('the-lower-ends-are-those-of-the-peers', () => {
  const peers = [...packed.values()].flatMap(({ source }) => Object.entries(source.peerDependencies ?? {}))
  const tried = peers.map(([peer]) => [peer, [AI_6, LOWEST].flatMap(({ frameworks }) => frameworks[peer] ?? [])])
  expect(peers.map(([peer, range]) => [peer, lowestOf(range)])).toEqual(tried)
})

test('the-types-need-nobody-elses-and-not-those-of-node', { timeout: 3 * MINUTE }, async () => {
  expect(await wrongTypes(await folderOf(NEWEST), ['core', 'conformance', 'mcp'].map(of))).toEqual([])
})

describe.each(ENDS)('installed with the $name frameworks', (end) => {
  test.each(end.stories)('the-story-is-true: %s', { timeout: 3 * MINUTE }, async (story) => {
    const { status, output } = await run(await folderOf(end), process.execPath, `examples/${story}/demo.ts`)
    expect(status, output).toBe(0)
  })
})

// The newest end of these is what the tests of the adapters themselves run with.
describe.each(isWhole ? [LOWEST] : [])('with the $name frameworks', (end) => {
  test('the-adapters-compile', { timeout: 3 * MINUTE }, async () => {
    const adapters = CONTRACTS.map(({ adapter }) => of(adapter))
    expect(await wrongSources(await folderOf(end), adapters)).toEqual([])
  })

  test.each(CONTRACTS)('the-contract-is-kept: $adapter', { timeout: 3 * MINUTE }, async (contract) => {
    await keepsContract(await folderOf(end), of(contract.adapter), contract)
  })
})

describe.each(NODES)('on Node %s', (version) => {
  const home = join(FOLDER, `node-${version}`)
  const node = join(home, 'node_modules/node/bin/node')

  beforeAll(async () => {
    await install(home, { node: `npm:node-${process.platform}-${process.arch}@${version}` })
    expect(await runWell(home, node, '--version')).toBe(`v${version}\n`)
  }, 3 * MINUTE)

  test.each(NEWEST.stories)('the-story-is-true: %s', { timeout: 3 * MINUTE }, async (story) => {
    const { status, output } = await run(await folderOf(NEWEST), node, `examples/${story}/demo.ts`)
    expect(status, output).toBe(0)
  })
})

function withoutSources(exports: Manifest['exports']): unknown {
  const json = JSON.stringify(exports, (key, value: unknown) => (key === '@capfence/source' ? undefined : value))
  return JSON.parse(json) as unknown
}
