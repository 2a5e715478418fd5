// The stdio proxy over an engine in memory, or over the SQLite file that `BENCH_DB` names.
import { agentEnvironment } from '@capfence/core'
import { MemoryEngine } from '@capfence/core/memory'
import { SqliteEngine } from '@capfence/core/sqlite'
import { childBack, stdioProxy } from '@capfence/mcp/proxy'
import { benchRuntime } from './gate.ts'

const [command = '', ...args] = process.argv.slice(2)
const path = process.env['BENCH_DB']
const engine = path === undefined ? new MemoryEngine() : new SqliteEngine({ path })
await engine.open()
const runtime = await benchRuntime(engine)
await stdioProxy({
  runtime,
  gate: { actor: 'bench', environment: 'bench', server: 'bench' },
  openBack: childBack({ command: { command, args, env: agentEnvironment(process.env) }, maxMessageBytes: 1 << 22 }),
  say: (text) => process.stderr.write(`${text}\n`),
  input: process.stdin,
  output: process.stdout,
  maxMessageBytes: 1 << 22,
  signal: new AbortController().signal,
})
await runtime.close()
await engine.close()
