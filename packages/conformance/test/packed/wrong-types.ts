import { cpSync } from 'node:fs'
import { basename, join } from 'node:path'
import { write } from './clean-folder.ts'
import { run, tool } from './run.ts'
import { type Packed, entriesOf } from './tarballs.ts'

const OPTIONS = { target: 'es2024', module: 'nodenext', strict: true, noEmit: true }

// Entries that speak of Node's own streams and servers, as their users do.
const WITH_NODE: ReadonlySet<string> = new Set(['@capfence/mcp/proxy'])

/** Compiles a program that takes all that packages give and has no types but theirs: what is wrong in these, line by line. */
export async function wrongTypes(folder: string, packages: readonly Packed[]): Promise<readonly string[]> {
  const home = join(folder, 'types')
  const specifiers = packages
    .flatMap((one) => entriesOf(one).map(({ specifier }) => specifier))
    .filter((name) => !WITH_NODE.has(name))
  for (const [index, specifier] of specifiers.entries()) {
    write(join(home, `${String(index)}.ts`), `export * from '${specifier}'\n`)
  }
  const problems = await compile(home, { types: [], skipLibCheck: false })
  // What is wrong in the types of others is theirs.
  return problems.filter((problem) => problem.includes('@capfence') || problem.startsWith('types/'))
}

/** Compiles the sources of packages with the frameworks of a folder: what is wrong, line by line. */
export async function wrongSources(folder: string, packages: readonly Packed[]): Promise<readonly string[]> {
  const home = join(folder, 'sources')
  for (const one of packages) cpSync(join(one.folder, 'src'), join(home, basename(one.name)), { recursive: true })
  return await compile(home, {
    allowImportingTsExtensions: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: true,
    types: ['node'],
  })
}

async function compile(home: string, options: object): Promise<readonly string[]> {
  write(
    join(home, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: { ...OPTIONS, ...options }, include: ['**/*.ts'] }),
  )
  const { status, output } = await run(join(home, '..'), tool('tsc'), '-p', home)
  // A problem goes on in the lines that are set in.
  return status === 0 ? [] : output.trim().split(/\n(?=\S)/u)
}
