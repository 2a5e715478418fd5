import { processTerminal } from './output.ts'
import { run } from './run.ts'

// The exit code is set and the process left to end by itself, so that all output gets out.
process.exitCode = await run(process.argv.slice(2), processTerminal())
