import { readFileSync } from 'node:fs'
import { type ActionEvent, CapFenceError, type Plan, machine } from '@capfence/core'
import { type Policy, PolicyError, checkPolicy, whatWouldChange } from '@capfence/core/policy'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { ioMessage } from '../io-message.ts'
import type { Terminal } from '../output.ts'
import { explanationText } from '../show/explanation-text.ts'
import { readTraceLine } from '../trace/read-trace-line.ts'
import { jsonLine } from '../visible.ts'

/** What to explain, and by what: an event in a file (`-` reads standard input), or a tool's call. */
export interface ExplainOptions {
  readonly policy: string
  readonly event: string | undefined
  /** Members of a tool's call; `args` is JSON text. */
  readonly call: Readonly<Record<string, string | undefined>>
  readonly json: boolean
}

/** Says what a policy makes of one event, and why. Nothing is recorded; limits and sequences are unknown. */
export async function explain(options: ExplainOptions, terminal: Terminal): Promise<ExitCode> {
  const { files } = machine()
  const { policy, model, errors } = await checkPolicy(options.policy, files, { links: files.links })
  if (policy === undefined || model === undefined) throw new PolicyError(errors)
  const event = eventOf(options, policy)
  const explanation = policy.explain(event)
  const plan: Plan | undefined = policy.planOf(event)
  const changes = await whatWouldChange({ model, policy }, event)
  const { ruling, rules, capability, facts } = explanation
  await terminal.out.write(
    options.json
      ? jsonLine({ capability, ...ruling, facts: plain(facts), plan: plan ?? null, all_rules: rules, changes })
      : explanationText({ explanation, plan, changes }, terminal.out),
  )
  return EXIT.ok
}

function eventOf(options: ExplainOptions, policy: Policy): ActionEvent {
  const text = options.event === undefined ? callText(options.call) : fileText(options.event)
  const traced = readTraceLine({ number: 1, text }, { policy, at: machine().clock.now() })
  if (traced.kind === 'event') return traced.event
  const why = 'message' in traced ? traced.message : 'there is nothing in it'
  const where = options.event ?? "the call of '--tool' and '--args'"
  throw new CapFenceError('EVENT_INVALID', `${where}: ${why}`)
}

function fileText(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8')
  } catch (cause) {
    throw new CapFenceError('IO', ioMessage(file, cause), { cause })
  }
}

function callText({ args, ...context }: ExplainOptions['call']): string {
  // One value, so that nothing after it is taken for context.
  if (args !== undefined && !isJson(args)) throw new CapFenceError('EVENT_INVALID', "option '--args' is not JSON")
  const members = Object.entries(context).filter(([, value]) => value !== undefined)
  const head = members.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
  // The arguments stay as they were typed, so that what is wrong with them is found as in a file.
  return `{${[...head, ...(args === undefined ? [] : [`"args":${args}`])].join(',')}}`
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

// Sets have no JSON.
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_key, each: unknown) => (each instanceof Set ? [...each] : each)))
}
