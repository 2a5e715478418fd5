import { InvalidArgumentError, Option } from 'commander'
import { HELP } from './help.ts'
import { risk } from './option-values.ts'
import { type Parts, jsonOption, required } from './program-parts.ts'

/** Adds `explain`. */
export function addExplain({ root, terminal, report }: Parts): void {
  root
    .command('explain')
    .description('say what a policy makes of one event, and why')
    .option('--policy <file>', 'the policy (required)')
    .addOption(
      new Option('--event <file>', 'the event, JSON as in a trace; `-` reads standard input').conflicts('tool'),
    )
    .option('--tool <name>', 'the tool of a call, in place of --event')
    .option('--args <json>', "the call's arguments, a JSON object")
    .option('--actor <actor>', 'who calls')
    .option('--environment <environment>', 'where the call takes effect')
    .option('--risk <risk>', 'the risk of the call: low, medium, high or critical', risk)
    .option('--session <session>', 'the session of the call')
    .option('--tenant <tenant>', 'the tenant that the call is made for')
    .option('--user-role <role>', "the role of the actor's user")
    .addOption(jsonOption())
    .addHelpText('after', HELP.explain)
    .action(async ({ policy, event, json, userRole, ...call }: Flags) => {
      const file = required('--policy', policy)
      if (event === undefined && call.tool === undefined) {
        throw new InvalidArgumentError("one of the options '--event' and '--tool' is missing")
      }
      const { explain } = await import('./commands/explain.ts')
      const members = { ...call, user_role: userRole }
      report.done(await explain({ policy: file, event, call: members, json: json === true }, terminal))
    })
}

interface Flags {
  policy?: string
  event?: string
  tool?: string
  args?: string
  actor?: string
  environment?: string
  risk?: string
  session?: string
  tenant?: string
  userRole?: string
  json?: true
}
