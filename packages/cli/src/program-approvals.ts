import type { Command } from 'commander'
import { HELP } from './help.ts'
import { count, duration } from './option-values.ts'
import { type Parts, databaseOption, jsonOption, required } from './program-parts.ts'

/** Adds the commands by which people answer, grant and stop. */
export function addApprovals(parts: Parts): void {
  for (const add of [addGrant, addGrants, addRevoke, addPending, addApprove, addReject, addSuspend, addResume])
    add(parts)
}

interface Common {
  by?: string
  reason?: string
  db?: string
  json?: true
}

function signed(command: Command): Command {
  return command
    .option('--by <name>', "whose key signs (keys/NAME.key); the only approver's where left out")
    .option('--reason <text>', 'why; recorded for good')
    .addOption(databaseOption())
    .addOption(jsonOption())
}

function common({ by, reason, db, json }: Common): {
  readonly by: string | undefined
  readonly reason: string | undefined
  readonly database: string | undefined
  readonly json: boolean
} {
  return { by, reason, database: db, json: json === true }
}

type GrantOptions = Common & {
  actor?: string
  capability?: string
  duration?: number
  session?: string
  environment?: string
  tenant?: string
  uses?: number
  args?: string
}

function addGrant({ root, terminal, report }: Parts): void {
  const command = root
    .command('grant')
    .description('let an actor do what would else need approval, for a time')
    .option('--actor <actor>', 'who may (required)')
    .option('--capability <pattern>', 'what: resource.action.scope, `*` in a part is any text (required)')
    .option('--duration <time>', 'for how long: seconds, or 30s, 10m, 24h (required)', duration)
    .option('--session <session>', 'only in this session')
    .option('--environment <environment>', 'only in this environment')
    .option('--tenant <tenant>', 'only for this tenant')
    .option('--uses <number>', 'only so many times', count)
    .option('--args <json>', "only where the arguments are like this, in the policy's own `args` syntax")
  signed(command)
    .addHelpText('after', HELP.grant)
    .action(async (options: GrantOptions) => {
      const { session, environment, tenant, uses, args } = options
      const actor = required('--actor', options.actor)
      const capability = required('--capability', options.capability)
      const durationMs = required('--duration', options.duration)
      const { grant } = await import('./commands/grant.ts')
      const wanted = { actor, capability, durationMs, session, environment, tenant, uses, args }
      report.done(await grant({ grant: wanted, ...common(options) }, terminal))
    })
}

function addGrants({ root, terminal, report }: Parts): void {
  root
    .command('grants')
    .description('list the grants that can still be used')
    .addOption(databaseOption())
    .addOption(jsonOption())
    .addHelpText('after', HELP.grants)
    .action(async (options: Common) => {
      const { grants } = await import('./commands/grants.ts')
      report.done(await grants(common(options), terminal))
    })
}

function addPending({ root, terminal, report }: Parts): void {
  root
    .command('pending')
    .description('list the requests that wait for a person')
    .addOption(databaseOption())
    .addOption(jsonOption())
    .addHelpText('after', HELP.pending)
    .action(async (options: Common) => {
      const { pending } = await import('./commands/pending.ts')
      report.done(await pending(common(options), terminal))
    })
}

function addRevoke({ root, terminal, report }: Parts): void {
  signed(root.command('revoke').description('take back a grant, or an approval that was not used'))
    .argument('<id>', 'the grant, as `capfence grants` lists it, or the approval')
    .addHelpText('after', HELP.revoke)
    .action(async (id: string, options: Common) => {
      const { revoke } = await import('./commands/stop.ts')
      report.done(await revoke(id, common(options), terminal))
    })
}

function addApprove({ root, terminal, report }: Parts): void {
  signed(root.command('approve').description('show what will run, ask, and let it run once'))
    .argument('<id>', 'the request, as `capfence pending` lists it')
    .option('--yes', 'do not ask; needed without a terminal')
    .addHelpText('after', HELP.approve)
    .action(async (id: string, options: Common & { yes?: true }) => {
      const { approve } = await import('./commands/answer.ts')
      report.done(await approve({ id, yes: options.yes === true, ...common(options) }, terminal))
    })
}

function addReject({ root, terminal, report }: Parts): void {
  signed(root.command('reject').description('end a request: the same action is refused until it would have expired'))
    .argument('<id>', 'the request, as `capfence pending` lists it')
    .addHelpText('after', HELP.reject)
    .action(async (id: string, options: Common) => {
      const { reject } = await import('./commands/answer.ts')
      report.done(await reject({ id, ...common(options) }, terminal))
    })
}

type TargetOptions = Common & { actor?: string; all?: true }

function targeted(command: Command): Command {
  return signed(command.option('--actor <actor>', 'this actor').option('--all', 'all actors'))
}

function addSuspend({ root, terminal, report }: Parts): void {
  targeted(root.command('suspend').description('stop an actor, or all, at the next call'))
    .addHelpText('after', HELP.suspend)
    .action(async (options: TargetOptions) => {
      const { suspend } = await import('./commands/stop.ts')
      report.done(await suspend({ actor: options.actor, all: options.all === true }, common(options), terminal))
    })
}

function addResume({ root, terminal, report }: Parts): void {
  targeted(root.command('resume').description('lift a suspension'))
    .addHelpText('after', HELP.resume)
    .action(async (options: TargetOptions) => {
      const { resume } = await import('./commands/stop.ts')
      report.done(await resume({ actor: options.actor, all: options.all === true }, common(options), terminal))
    })
}
