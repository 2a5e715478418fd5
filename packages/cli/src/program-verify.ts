import { Option } from 'commander'
import { HELP } from './help.ts'
import { duration } from './option-values.ts'
import { type Parts, jsonOption } from './program-parts.ts'

/** Adds `verify`. */
export function addVerify({ root, terminal, report }: Parts): void {
  root
    .command('verify')
    .description('check that the trail is authentic and complete')
    .addOption(new Option('--audit-log <database>', 'the trail (SQLite file)').conflicts('db'))
    .addOption(new Option('--db <database>', 'the same as --audit-log'))
    .option('--trust <key>', "a writer's public key (vkey), or a file that holds one or is a trust.json")
    .option('--expect-head <head>', 'a head that the trail must hold: ORIGIN:SIZE:ROOT, or the file of a checkpoint')
    .option('--state <file>', 'remember how far the trail reached, and demand that it still holds it the next time')
    .option('--max-age <duration>', 'fail where the newest record is older: 30s, 10m, 24h', duration)
    .option('--deep', "verify each record's signature for itself, not once for all records of its commit")
    .addOption(
      new Option('--strict', 'demand that each body is canonical to the letter, also where it is signed').conflicts(
        'quick',
      ),
    )
    .option('--quick', 'check hashes, tree and signatures only: not what the records say')
    .addOption(jsonOption())
    .addHelpText('after', HELP.verify)
    .action(async ({ auditLog, db, json, deep, strict, quick, ...given }: Flags) => {
      const { verify } = await import('./commands/verify.ts')
      const depth = { deep: deep === true, strict: strict === true, quick: quick === true }
      report.done(await verify({ ...given, depth, database: auditLog ?? db, json: json === true }, terminal))
    })
}

interface Flags {
  auditLog?: string
  db?: string
  trust?: string
  expectHead?: string
  state?: string
  maxAge?: number
  deep?: true
  strict?: true
  quick?: true
  json?: true
}
