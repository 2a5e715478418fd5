import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { ROOT } from './imports.ts'

const PINS = fileURLToPath(new URL('exports.json', import.meta.url))
const HINT = 'the public surface changed; if that is meant, run the tests once with UPDATE_PINS=1 and add a changeset'

const SOURCE = '@capfence/source'

type Entry = string | Readonly<Record<string, string>>

interface Manifest {
  readonly name: string
  readonly bin?: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, Entry>>
  readonly publishConfig?: { readonly exports?: Readonly<Record<string, Entry>> }
}

/** The names of one entry point, sorted; a type is written `type Name`. */
type Surface = readonly string[]

const DECLARED =
  /^export (?:declare )?(?:abstract )?(?<kind>async function\*?|function\*?|class|const|let|interface|type|enum) (?<name>[\w$]+)/gm
const LISTED = /^export (?<type>type )?\{(?<names>[^}]*)\}/gm

/** The exported names, as the source lists them. `export *` lists nothing, so it is refused. */
function surfaceOf(file: string): Surface {
  const source = readFileSync(file, 'utf8').replaceAll(/\/\*[^]*?\*\/|\/\/[^\n]*/g, '')
  if (/^export \*/m.test(source)) throw new Error(`${file}: list each name by hand instead of \`export *\``)
  const declared = [...source.matchAll(DECLARED)].map((match) => {
    const isType = match.groups?.['kind'] === 'interface' || match.groups?.['kind'] === 'type'
    return `${isType ? 'type ' : ''}${match.groups?.['name'] ?? ''}`
  })
  const listed = [...source.matchAll(LISTED)].flatMap((match) => namesIn(match.groups))
  return [...new Set([...declared, ...listed])].toSorted(byName)
}

function namesIn(groups: Record<string, string> | undefined): Surface {
  return (groups?.['names'] ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const isType = groups?.['type'] !== undefined || part.startsWith('type ')
      const name = part.replace(/^type /, '').replace(/^.* as /, '')
      return `${isType ? 'type ' : ''}${name}`
    })
}

function byName(a: string, b: string): number {
  return a.replace('type ', '') < b.replace('type ', '') ? -1 : 1
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(`${ROOT}packages/${folder}/package.json`, 'utf8')) as Manifest
}

/** Every entry point that is code: its subpath and its source file. */
function codeEntries(folder: string): readonly { readonly subpath: string; readonly file: string }[] {
  return Object.entries(manifestOf(folder).exports).flatMap(([subpath, entry]) => {
    const source = typeof entry === 'string' ? undefined : entry[SOURCE]
    return source === undefined ? [] : [{ subpath, file: `${ROOT}packages/${folder}/${source.slice(2)}` }]
  })
}

function currentPins(): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    FOLDERS.map((folder) => {
      const { name, bin, exports } = manifestOf(folder)
      const surfaces = new Map(codeEntries(folder).map(({ subpath, file }) => [subpath, surfaceOf(file)]))
      const entries = Object.keys(exports).map((subpath) => [subpath, surfaces.get(subpath) ?? 'file'])
      return [name, { ...Object.fromEntries(entries), ...(bin && { bin: Object.keys(bin) }) }]
    }),
  )
}

const FOLDERS = ['core', 'conformance', 'cli'] as const

describe('the public surface', () => {
  test('exports-exactly-the-names-that-are-pinned', () => {
    const current = currentPins()
    if (process.env['UPDATE_PINS'] === '1') writeFileSync(PINS, `${JSON.stringify(current, null, 2)}\n`)
    const pinned: unknown = existsSync(PINS) ? JSON.parse(readFileSync(PINS, 'utf8')) : {}
    expect(current, HINT).toEqual(pinned)
  })

  test.each(FOLDERS.flatMap((folder) => codeEntries(folder).map((entry) => ({ folder, ...entry }))))(
    'lists-every-value-that-the-module-really-exports: $folder $subpath',
    async ({ file }) => {
      const module = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as object
      expect(Object.keys(module).toSorted(byName)).toEqual(surfaceOf(file).filter((name) => !name.startsWith('type ')))
    },
  )

  test.each(FOLDERS)('publishes-the-same-entries-without-the-source-condition: %s', (folder) => {
    const { exports, publishConfig } = manifestOf(folder)
    const withoutSource = Object.fromEntries(
      Object.entries(exports).map(([subpath, entry]) => [subpath, published(entry)]),
    )
    expect(publishConfig?.exports ?? exports).toEqual(withoutSource)
  })

  test.each(FOLDERS)('builds-each-entry-from-its-source: %s', (folder) => {
    for (const entry of Object.values(manifestOf(folder).exports)) {
      const source = typeof entry === 'string' ? undefined : entry[SOURCE]
      if (source === undefined) continue
      const built = source.replace('./src/', './dist/').replace(/\.ts$/, '')
      expect(entry).toEqual({ [SOURCE]: source, types: `${built}.d.ts`, default: `${built}.js` })
    }
  })
})

function published(entry: Entry): Entry {
  if (typeof entry === 'string') return entry
  return Object.fromEntries(Object.entries(entry).filter(([condition]) => condition !== SOURCE))
}
