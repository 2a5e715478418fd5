import { type Command, Option } from 'commander'
import { HELP } from './help.ts'
import type { McpFlags } from './mcp/flags.ts'
import { count, risk } from './option-values.ts'
import { type Parts, databaseOption, jsonOption, required } from './program-parts.ts'

/** Adds the proxy for MCP. */
export function addMcp({ root, terminal, report }: Parts): void {
  const mcp = serverOptions(root.command('mcp').description('put an MCP server behind the gate'))
    .option('--policy <file>', 'the policy (required)')
    .option('--listen <host:port>', 'serve Streamable HTTP there, instead of standard input and output')
    .option('--actor <actor>', 'who calls', 'agent')
    .option('--environment <environment>', 'where the calls take effect', 'production')
    .option('--risk <risk>', 'the risk of a call: low, medium, high or critical', risk)
    .option('--session <session>', 'the session that all calls belong to')
    .option('--tenant <tenant>', 'the tenant that the calls are made for')
    .option('--user-role <role>', "the role of the actor's user")
    .option('--judge <method>', 'judge this method of MCP as well, for example resources/read; may be repeated', list)
    .option('--hide-denied', 'leave tools out of the list that the policy denies whatever their arguments')
    .option('--pins <file>', 'the definitions that tools must have, as `capfence mcp lock` wrote them')
  listenOptions(mcp)
    .addOption(databaseOption())
    .addHelpText('after', HELP.mcp)
    .action(async (command: readonly string[], flags: McpFlags) => {
      const policy = required('--policy', flags.policy)
      const { mcp: run } = await import('./commands/mcp.ts')
      report.done(await run({ ...flags, policy, command }, terminal))
    })
  addLock(mcp, { terminal, report })
}

function addLock(mcp: Command, { terminal, report }: Omit<Parts, 'root'>): void {
  serverOptions(mcp.command('lock').description('pin what a server says of its tools'))
    .option('--pins <file>', 'the file to write (required)')
    .option('--check', 'write nothing; exit code 1 where the server says something else than is pinned')
    .addOption(jsonOption())
    .addHelpText('after', HELP.mcpLock)
    .action(async (command: readonly string[], _flags: unknown, own: Command) => {
      // Options of the same name before `lock` are those of `mcp`; with it, all of them are meant for `lock`.
      const flags = own.optsWithGlobals<McpFlags & { check?: true; json?: true }>()
      const pins = required('--pins', flags.pins)
      const { lockTools } = await import('./commands/mcp-lock.ts')
      const how = { check: flags.check === true, json: flags.json === true }
      report.done(await lockTools({ ...flags, ...how, pins, command }, terminal))
    })
}

// Which server it is, and what it is started with.
function serverOptions(command: Command): Command {
  return command
    .argument('[command...]', 'the server to start and its arguments, after `--`')
    .option('--server <name>', 'your name for the server; its tools are `mcp.NAME.TOOL` to the policy')
    .option('--upstream <url>', 'the server to speak to over Streamable HTTP, instead of a command')
    .option('--env <name[=value]>', 'hand this variable to the command as well; may be repeated', list)
    .option('--cwd <folder>', 'the folder to start the command in')
    .option('--upstream-token-file <file>', 'the bearer token for the upstream server')
    .option('--upstream-token-env <name>', 'the variable that holds it')
    .option('--upstream-header-env <header=name>', 'a header whose value is in a variable; may be repeated', list)
}

function listenOptions(command: Command): Command {
  return command
    .option('--token-file <file>', 'the bearer tokens that clients must present, one a line')
    .option('--token-env <name>', 'the variable that holds such a token')
    .option('--forward-authorization', 'hand the header Authorization of a client to the upstream server')
    .option('--allow-host <name>', 'a name by which clients call the proxy; may be repeated', list)
    .option('--allow-origin <origin>', 'a web page that may call the proxy; may be repeated', list)
    .addOption(new Option('--max-sessions <number>', 'the most sessions at a time').argParser(count))
    .addOption(new Option('--max-message-bytes <number>', 'the most bytes of one message').argParser(count))
}

function list(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value]
}
