import { loadBashParser, type BashParser } from './bash-parser.ts'
import { indexPrograms, type FindProgram } from './compiled-spec.ts'

/** What reading a shell line needs: bash's grammar, and what programs do. */
export interface ShellReader extends BashParser {
  readonly findProgram: FindProgram
}

/** Loads the parser and the specs, lazily, since they are large; everything after it is synchronous. */
export async function loadShellReader(): Promise<ShellReader> {
  const [parser, { PROGRAM_SPECS }] = await Promise.all([loadBashParser(), import('./specs/index.ts')])
  return { ...parser, findProgram: indexPrograms(PROGRAM_SPECS) }
}
