import { readFileSync } from 'node:fs'
import { Command, Option } from 'commander'
import { HELP } from './help.ts'
import { count, decision, kind, role, time } from './option-values.ts'
import type { Terminal } from './output.ts'
import { addApprovals } from './program-approvals.ts'
import { addExplain } from './program-explain.ts'
import { addMcp } from './program-mcp.ts'
import { type Parts, type Report, databaseOption, jsonOption, required } from './program-parts.ts'
import { addReceipts } from './program-receipt.ts'
import { addTrail } from './program-trail.ts'
import { addVerify } from './program-verify.ts'

/**
 * The whole command line. Commands are imported when they run: `--version` and `--help` load no parser, no schema and
 * no database.
 */
export function program(terminal: Terminal, report: Report): Command {
  const root = new Command('capfence')
    .description(
      'Checks policies, answers requests and verifies the signed trail of a deterministic gate for AI agents.',
    )
    .version(version(), '--version', 'print the version')
    .helpOption('-h, --help', 'print help; `capfence COMMAND --help` tells more')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => report.out(text),
      writeErr: (text) => report.err(text),
      // Whoever catches the error tells it, once.
      outputError: () => undefined,
      getOutHelpWidth: () => 110,
      getErrHelpWidth: () => 110,
    })
    .addHelpText('after', HELP.root)
  for (const add of [
    addCheckPolicy,
    addExplain,
    addSimulate,
    addVerify,
    addRebuild,
    addLogs,
    addTrail,
    addReceipts,
    addApprovals,
    addMcp,
    addKeys,
  ])
    add({ root, terminal, report })
  return root
}

function addCheckPolicy({ root, terminal, report }: Parts): void {
  root
    .command('check-policy')
    .description('check policy files, and run the examples written in them')
    .argument('<file...>', 'policy files (YAML)')
    .addOption(jsonOption())
    .addHelpText('after', HELP.checkPolicy)
    .action(async (files: readonly string[], options: { json?: true }) => {
      const { checkPolicies } = await import('./commands/check-policy.ts')
      report.done(await checkPolicies(files, { json: options.json === true }, terminal))
    })
}

function addSimulate({ root, terminal, report }: Parts): void {
  root
    .command('simulate')
    .description('say what a policy would decide for each line of a trace')
    .option('--policy <file>', 'the policy (required)')
    .option('--trace-file <file>', 'the trace, JSON lines; `-` reads standard input (required)')
    .addOption(jsonOption())
    .addHelpText('after', HELP.simulate)
    .action(async (options: { policy?: string; traceFile?: string; json?: true }) => {
      const policy = required('--policy', options.policy)
      const traceFile = required('--trace-file', options.traceFile)
      const { simulate } = await import('./commands/simulate.ts')
      report.done(await simulate({ policy, traceFile, json: options.json === true }, terminal))
    })
}

function addRebuild({ root, terminal, report }: Parts): void {
  root
    .command('rebuild')
    .description('make grants, requests, limits and suspensions anew from the trail')
    .addOption(databaseOption())
    .addOption(jsonOption())
    .addHelpText('after', HELP.rebuild)
    .action(async ({ db, json }: { db?: string; json?: true }) => {
      const { rebuild } = await import('./commands/rebuild.ts')
      report.done(await rebuild({ database: db, json: json === true }, terminal))
    })
}

function addLogs({ root, terminal, report }: Parts): void {
  root
    .command('logs')
    .description('list the records of the trail, newest last')
    .option('--actor <actor>', 'only records of this actor')
    .option('--decision <decision>', 'only decisions: allow, deny or require_approval', decision)
    .option(
      '--kind <kind>',
      'only records of this kind: decision, outcome, statement, opened, head_adopted, loss_accepted or ungated',
      kind,
    )
    .option('--since <time>', 'only records since then: a duration (30m, 24h, 7d), a date or an RFC 3339 time', time)
    .option('--limit <number>', 'only the newest so many', count)
    .addOption(new Option('--open', 'only decisions of which nobody knows what became').conflicts(['kind', 'decision']))
    .addOption(databaseOption())
    .addOption(jsonOption())
    .addHelpText('after', HELP.logs)
    .action(async ({ db, json: asJson, ...filter }: LogOptions) => {
      const { logs } = await import('./commands/logs.ts')
      report.done(await logs({ database: db, filter, json: asJson === true }, terminal))
    })
}

interface LogOptions {
  actor?: string
  decision?: string
  kind?: string
  since?: number
  limit?: number
  open?: true
  db?: string
  json?: true
}

function addKeys({ root, terminal, report }: Parts): void {
  const keys = root.command('keys').description('make and show keys').addHelpText('after', HELP.keys)
  keys
    .command('init')
    .description('make a key, and pin its public half in trust.json')
    .option('--role <role>', 'writer (signs the trail) or approver (signs approvals)', role, 'writer')
    .option('--name <name>', 'the name of the key; `writer` for a writer where left out')
    .addOption(jsonOption())
    .action(async (options: { role: 'writer' | 'approver'; name?: string; json?: true }) => {
      const { initKey } = await import('./commands/keys.ts')
      report.done(await initKey({ ...options, json: options.json === true }, terminal))
    })
  keys
    .command('show')
    .description('show public keys; the last line is the key in vkey form')
    .option('--name <name>', 'the key to show; the writer key where left out')
    .option('--vkey', 'print the vkey and nothing else')
    .addOption(jsonOption())
    .action(async (options: { name?: string; vkey?: true; json?: true }) => {
      const { showKey } = await import('./commands/keys.ts')
      report.done(
        await showKey({ name: options.name, vkeyOnly: options.vkey === true, json: options.json === true }, terminal),
      )
    })
}

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version // our own package.json
}
