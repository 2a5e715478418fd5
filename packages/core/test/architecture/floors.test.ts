import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { posix } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Import, importsBelow, importsOf, ROOT, UNREADABLE } from './imports.ts'

/** Imports only go down a floor; folders on one floor are siblings and never see each other. */
const FLOOR_BY_FOLDER: ReadonlyMap<string, number> = new Map([
  ['kernel', 0],
  ['action', 1],
  ['facts', 2],
  ['notify', 2],
  ['policy', 3],
  ['approval', 3],
  ['audit', 3],
  ['runtime', 4],
  ['engine', 5],
  ['compose', 6],
])

const CORE = 'packages/core/src/'

/** The folder below core's `src`; the empty string for the index files at its root, which may import anything. */
function folderOf(file: string): string | undefined {
  if (!file.startsWith(CORE)) return undefined
  const [folder, ...rest] = file.slice(CORE.length).split('/')
  return rest.length === 0 ? '' : folder
}

function describeImport({ file, line, specifier }: Import, why: string): string {
  return `${file}:${line} imports ${specifier} (${why})`
}

function targetOf({ file, specifier }: Import): string {
  return posix.join(posix.dirname(file), specifier)
}

function floorFault(found: Import, from: string): string | undefined {
  const to = folderOf(targetOf(found))
  if (to === undefined) return describeImport(found, 'leaves packages/core/src')
  if (to === '') return describeImport(found, 'an index file; import the file that declares the name')
  const floorFrom = FLOOR_BY_FOLDER.get(from)
  const floorTo = FLOOR_BY_FOLDER.get(to)
  if (floorFrom === undefined) return `${found.file}: the folder \`${from}\` has no floor`
  if (floorTo === undefined) return describeImport(found, `the folder \`${to}\` has no floor`)
  if (from === to || floorTo < floorFrom) return undefined
  return describeImport(found, `floor ${floorFrom} → ${floorTo}`)
}

/** What each part of core may use of Node. The linter says the same, but does not look into `import()`. */
const NODE_MODULES: readonly { readonly below: string; readonly allowed: readonly string[] }[] = [
  { below: '', allowed: ['node:util', 'node:util/types', 'node:path/posix'] },
  { below: 'kernel/digest.ts', allowed: ['node:crypto'] },
  { below: 'kernel/start-program.ts', allowed: ['node:child_process'] },
  { below: 'kernel/ed25519.ts', allowed: ['node:crypto'] },
  { below: 'audit/merkle.ts', allowed: ['node:crypto'] },
  { below: 'compose/call-chain.ts', allowed: ['node:async_hooks'] },
  { below: 'engine/sqlite/', allowed: ['node:sqlite'] },
]

/** The only file that reads the machine: clock, chance, files, environment. */
const PORTS = 'kernel/ports.ts'

function machineFault(found: Import): string | undefined {
  const place = found.file.slice(CORE.length)
  const allowed = NODE_MODULES.filter(({ below }) => place.startsWith(below)).flatMap((row) => row.allowed)
  if (place === PORTS || allowed.includes(found.specifier)) return undefined
  return describeImport(found, `only ${PORTS} reads the machine`)
}

function faultInCore(found: Import): string | undefined {
  const { file, specifier } = found
  if (specifier === UNREADABLE) return describeImport(found, 'write the target as a plain text')
  if (specifier.startsWith('@capfence/'))
    return describeImport(found, 'core knows no other package, and itself by file')
  if (isBuiltin(specifier)) return machineFault(found)
  const from = folderOf(file)
  return specifier.startsWith('.') && from ? floorFault(found, from) : undefined
}

interface Manifest {
  readonly name: string
  readonly exports: Readonly<Record<string, unknown>>
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(`${ROOT}packages/${folder}/package.json`, 'utf8')) as Manifest
}

const PACKAGES = readdirSync(`${ROOT}packages`).filter((name) => existsSync(`${ROOT}packages/${name}/package.json`))

const PUBLIC_ENTRIES: ReadonlySet<string> = new Set(
  PACKAGES.map(manifestOf).flatMap(({ name, exports }) =>
    Object.keys(exports).map((subpath) => posix.join(name, subpath)),
  ),
)

function faultOutsideCore(found: Import, folder: string): string | undefined {
  const { specifier } = found
  if (specifier.startsWith('@capfence/') && !PUBLIC_ENTRIES.has(specifier)) {
    return describeImport(found, 'not a public entry point')
  }
  // What is measured side by side is measured in one place.
  const isBench = found.file.startsWith(`${folder}/bench/`) && targetOf(found).startsWith('bench/')
  if (specifier.startsWith('.') && !isBench && !targetOf(found).startsWith(`${folder}/`)) {
    return describeImport(found, `leaves ${folder}; import the package by its name`)
  }
  return undefined
}

function listed(faults: readonly (string | undefined)[]): string {
  return faults.filter((fault) => fault !== undefined).join('\n')
}

describe('the floors of core', () => {
  test('imports-only-go-down-a-floor', () => {
    const found = importsBelow('packages/core/src')
    expect(found.length).toBeGreaterThan(0)
    expect(listed(found.map(faultInCore))).toBe('')
  })

  test.each([
    ['kernel/a.ts', '../action/capability.ts', 'floor 0 → 1'],
    ['policy/a.ts', '../audit/record.ts', 'floor 3 → 3'],
    ['approval/deep/a.ts', '../../policy/index.ts', 'floor 3 → 3'],
    ['runtime/a.ts', '../engine/memory/index.ts', 'floor 4 → 5'],
    ['runtime/a.ts', '../index.ts', 'an index file'],
    ['runtime/a.ts', '../../policy.schema.json', 'leaves packages/core/src'],
    ['runtime/a.ts', '@capfence/core/policy', 'core knows no other package'],
    ['helpers/a.ts', '../kernel/errors.ts', 'has no floor'],
    ['kernel/a.ts', '../helpers/a.ts', 'has no floor'],
    ['kernel/a.ts', UNREADABLE, 'plain text'],
    ['runtime/a.ts', 'node:fs/promises', 'reads the machine'],
    ['index.ts', 'os', 'reads the machine'],
    ['policy/a.ts', 'node:crypto', 'reads the machine'],
    ['audit/a.ts', 'node:sqlite', 'reads the machine'],
    ['audit/a.ts', 'node:crypto', 'reads the machine'],
  ])('refuses-an-import-that-climbs-or-leaves: %s → %s', (file, specifier, why) => {
    expect(faultInCore({ file: `${CORE}${file}`, line: 1, specifier })).toContain(why)
  })

  test.each([
    ['runtime/a.ts', '../policy/evaluate.ts'],
    ['compose/a.ts', '../engine/sqlite/index.ts'],
    ['engine/sqlite/a.ts', '../group-commit.ts'],
    ['index.ts', './compose/open.ts'],
    ['policy/a.ts', 'zod'],
    ['kernel/ports.ts', 'node:fs'],
    ['kernel/ed25519.ts', 'node:crypto'],
    ['engine/sqlite/a.ts', 'node:sqlite'],
  ])('accepts-an-import-that-stays-in-bounds: %s → %s', (file, specifier) => {
    expect(faultInCore({ file: `${CORE}${file}`, line: 1, specifier })).toBeUndefined()
  })

  test('sees-every-way-to-write-an-import', () => {
    const source = [
      "import a from 'a'",
      "import { b, type B as C } from 'b'",
      "import type {\n  D,\n} from './d.ts'",
      "import * as e from 'e'",
      "import 'f'",
      "export { g } from 'g'",
      "export * from 'h'",
      "const i = await import('i')",
      "type J = import('j').J",
      'const k = await import(name)',
      "// import l from 'l'",
      " * import m from 'm'",
      "export const n = 'n'",
    ].join('\n')
    const found = importsOf('x.ts', source).map(({ line, specifier }) => `${line} ${specifier}`)
    expect(found).toEqual(['1 a', '2 b', '3 ./d.ts', '6 e', '7 f', '8 g', '9 h', '10 i', '11 j', `12 ${UNREADABLE}`])
  })
})

describe('the packages around core', () => {
  const folders = PACKAGES.filter((name) => name !== 'core').map((name) => `packages/${name}`)

  test.each([...folders, 'examples'])('uses-only-public-entry-points: %s', (folder) => {
    if (!existsSync(`${ROOT}${folder}`)) return
    expect(listed(importsBelow(folder).map((found) => faultOutsideCore(found, folder)))).toBe('')
  })

  test.each([
    ['@capfence/core/src/index.ts', 'not a public entry point'],
    ['@capfence/core/engine/memory', 'not a public entry point'],
    ['../../core/src/index.ts', 'leaves packages/cli'],
  ])('refuses-a-way-around-the-entry-points: %s', (specifier, why) => {
    expect(faultOutsideCore({ file: 'packages/cli/src/main.ts', line: 1, specifier }, 'packages/cli')).toContain(why)
  })
})
