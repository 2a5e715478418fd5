import { HELP } from './help.ts'
import { reconciledOutcome } from './option-values.ts'
import { type Parts, databaseOption, jsonOption, required } from './program-parts.ts'

/** Adds the commands by which people put right what the trail cannot know. */
export function addTrail(parts: Parts): void {
  addReconcile(parts)
  addAudit(parts)
}

interface Common {
  reason?: string
  db?: string
  json?: true
}

function addReconcile({ root, terminal, report }: Parts): void {
  root
    .command('reconcile')
    .description('record what became of an action of which the trail does not know it')
    .argument('<event>', 'the id of the event, as `capfence logs --open --json` lists it')
    .option('--outcome <outcome>', 'succeeded, failed or not_executed (required)', reconciledOutcome)
    .option('--reason <text>', 'how you know; recorded for good (required)')
    .addOption(databaseOption())
    .addOption(jsonOption())
    .addHelpText('after', HELP.reconcile)
    .action(async (eventId: string, options: Common & { outcome?: ReturnType<typeof reconciledOutcome> }) => {
      const outcome = required('--outcome', options.outcome)
      const reason = required('--reason', options.reason)
      const { reconcile } = await import('./commands/reconcile.ts')
      const said = { eventId, outcome, reason, database: options.db, json: options.json === true }
      report.done(await reconcile(said, terminal))
    })
}

function addAudit({ root, terminal, report }: Parts): void {
  root
    .command('audit')
    .description('decide about a trail that lost records')
    .addHelpText('after', HELP.audit)
    .command('accept-loss')
    .description('go on with the trail as it stands, and record that and why')
    .option('--reason <text>', 'why; recorded for good (required)')
    .addOption(databaseOption())
    .addOption(jsonOption())
    .action(async (options: Common) => {
      const reason = required('--reason', options.reason)
      const { acceptLoss } = await import('./commands/audit-accept-loss.ts')
      report.done(await acceptLoss({ reason, database: options.db, json: options.json === true }, terminal))
    })
}
