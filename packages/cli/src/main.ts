import { processTerminal } from './output.ts'
import { run } from './run.ts'

// The exit code is set and the process left to end by itself, so that all output gets out.
process.exitCode = await run(process.argv.slice(2), processTerminal())
// Commands wait for what they write. Only a proxy gives up a host that does not read, and that must not hold it up.
if (process.stdout.writableLength > 0) process.exit()
