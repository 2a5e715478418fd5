import { CommanderError } from 'commander'
import { EXIT, type ExitCode } from './exit-code.ts'
import { type Failure, failureOf, failureText } from './failure.ts'
import type { Terminal } from './output.ts'
import { placeText } from './place.ts'
import { program } from './program.ts'
import { jsonLine, visible } from './visible.ts'

/** Runs the command that the arguments name, and answers with the exit code. Never throws. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const code = await attempt(argv, terminal)
  const broken = terminal.out.failure
  if (broken === undefined) return code
  await terminal.err.write(`capfence: cannot write the output: ${visible(broken.message)}\n`)
  return EXIT.unusable
}

async function attempt(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const said = { out: '', err: '' }
  let code: ExitCode = EXIT.ok
  const command = program(terminal, {
    done: (given) => {
      code = given
    },
    out: (text) => {
      said.out += text
    },
    err: (text) => {
      said.err += text
    },
  })
  try {
    await command.parseAsync(argv, { from: 'user' })
    return code
  } catch (cause) {
    if (cause instanceof CommanderError && cause.code.startsWith('commander.help')) return help(said, terminal)
    if (cause instanceof CommanderError && cause.exitCode === 0) return help(said, terminal)
    const failure = failureOf(cause)
    await tell(failure, argv, terminal)
    return REFUSALS.has(failure.code) ? EXIT.found : EXIT.unusable
  }
}

// The command did its work, and this is the answer.
const REFUSALS: ReadonlySet<string> = new Set(['APPROVAL_REFUSED', 'REPORT_REFUSED', 'REQUEST_UNKNOWN'])

// Help that was asked for is on stdout; help that is shown because no command was named is on stderr, and no success.
async function help(said: { readonly out: string; readonly err: string }, terminal: Terminal): Promise<ExitCode> {
  await terminal.out.write(said.out)
  await terminal.err.write(said.err)
  return said.err === '' ? EXIT.ok : EXIT.unusable
}

async function tell({ code, message, findings }: Failure, argv: readonly string[], terminal: Terminal): Promise<void> {
  if (argv.includes('--json')) {
    const listed = findings.length === 0 ? {} : { findings }
    await terminal.out.write(jsonLine({ error: { code, message, ...listed } }))
    return
  }
  const places = findings.map((place) => `${placeText(place)}\n`).join('')
  const hint = code === 'USAGE' ? 'run `capfence --help` to see what there is\n' : ''
  await terminal.err.write(`${places}${failureText(message, terminal.err)}${hint}`)
}
