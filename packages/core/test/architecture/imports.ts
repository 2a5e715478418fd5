import { readFileSync, readdirSync } from 'node:fs'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))

/** One import, re-export or `import()` in a source file. `file` is relative to the root, with `/`. */
export interface Import {
  readonly file: string
  readonly line: number
  readonly specifier: string
}

/** Stands for an `import()` whose target cannot be read from the source. */
export const UNREADABLE = '<computed>'

const STATIC = /^(?:import|export)\b\s*(?:[\w$*\s,{}]+?\bfrom\s*)?['"](?<specifier>[^'"\n]+)['"]/gm
const DYNAMIC = /\bimport\(\s*(?:['"`](?<specifier>[^'"`$\n]+)['"`]|(?<computed>[^'"`\s]|`))/g

/** Every import of a source text, in the order of its lines. */
export function importsOf(file: string, source: string): readonly Import[] {
  return [STATIC, DYNAMIC]
    .flatMap((pattern) => [...source.matchAll(pattern)])
    .toSorted((a, b) => a.index - b.index)
    .map((match) => ({
      file,
      line: source.slice(0, match.index).split('\n').length,
      specifier: match.groups?.['specifier'] ?? UNREADABLE,
    }))
}

// Relative to the root, with `/`, whatever the system.
function sourceFiles(folder: string): readonly string[] {
  const absolute = fileURLToPath(new URL(`../../../../${folder}/`, import.meta.url))
  return readdirSync(absolute, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts'))
    .map((entry) => relative(ROOT, `${entry.parentPath}/${entry.name}`).replaceAll('\\', '/'))
    .filter((file) => !/(?:^|\/)(?:node_modules|dist)\//.test(file))
    .toSorted()
}

/** Every import below a folder of the repository. */
export function importsBelow(folder: string): readonly Import[] {
  return sourceFiles(folder).flatMap((file) => importsOf(file, readFileSync(`${ROOT}${file}`, 'utf8')))
}
