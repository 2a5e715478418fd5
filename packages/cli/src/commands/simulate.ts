import { createReadStream } from 'node:fs'
import { CapFenceError, machine } from '@capfence/core'
import { type Policy, loadPolicy } from '@capfence/core/policy'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { ioMessage } from '../io-message.ts'
import type { Output, Terminal } from '../output.ts'
import { decisionPaint, row } from '../table.ts'
import { type Judged, lineJudge } from '../trace/judge-line.ts'
import { type Line, lines } from '../trace/lines.ts'
import { summary, tally } from '../trace/tally.ts'
import { jsonLine, visible } from '../visible.ts'

/** What to judge, and by what. */
export interface SimulateOptions {
  readonly policy: string
  readonly traceFile: string
  readonly json: boolean
}

/** Judges every line of a trace by a policy, and reads nothing else: the same files give the same bytes. */
export async function simulate(options: SimulateOptions, terminal: Terminal): Promise<ExitCode> {
  const policy = await loadPolicy(options.policy, machine().files)
  const judge = lineJudge(policy)
  const counted = tally()
  const complaints = complaintsTo(terminal.err, options)
  for await (const line of traceLines(options.traceFile)) {
    const judged = judge.judge(line)
    counted.add(judged)
    if (judged === undefined) continue
    await terminal.out.write(options.json ? asJson(judged) : asRow(judged, terminal.out))
    await complaints.about(judged)
  }
  await complaints.end()
  if (!options.json) await terminal.out.write(`\n${closing(summary(counted), policy)}`)
  if (counted.counts.unreadable > 0) return EXIT.unusable
  return counted.counts.drift > 0 ? EXIT.found : EXIT.ok
}

async function* traceLines(file: string): AsyncGenerator<Line> {
  try {
    yield* lines(file === '-' ? process.stdin : createReadStream(file))
  } catch (cause) {
    throw new CapFenceError('IO', ioMessage(file, cause), { cause })
  }
}

function asJson({ line, decision, code, rule, message }: Judged): string {
  return jsonLine({ line, decision, code, rule, message })
}

function asRow(judged: Judged, out: Output): string {
  const drift = judged.drift === undefined ? '' : ` (recorded: ${judged.drift})`
  return row([
    { text: String(judged.line), width: 4, align: 'right', paint: out.paint.dim },
    { text: judged.decision ?? '-', width: 16, paint: decisionPaint(out.paint, judged.decision) },
    { text: judged.subject === '' ? '-' : judged.subject, width: 30 },
    { text: judged.rule ?? judged.code, width: 22 },
    { text: `${judged.message}${drift}` },
  ])
}

function closing(text: string, policy: Policy): string {
  const observed = policy.mode === 'observe' ? 'the policy is in `mode: observe`: none of this would be enforced\n' : ''
  return `${text}\n${observed}`
}

/** The most lines that are complained about one by one. */
const MAX_COMPLAINTS = 20

interface Complaints {
  about(judged: Judged): Promise<void>
  end(): Promise<void>
}

// What makes the exit code other than 0 is on stderr too: with `--json` it stands nowhere else.
function complaintsTo(err: Output, { traceFile, json }: SimulateOptions): Complaints {
  let count = 0
  return {
    about: async ({ line, unreadable, drift, decision, message }) => {
      const what = unreadable
        ? message
        : json && drift !== undefined
          ? `${String(decision)}, but recorded: ${drift}`
          : ''
      if (what === '') return
      count += 1
      if (count <= MAX_COMPLAINTS) await err.write(visible(`${traceFile}:${String(line)}: ${what}`) + '\n')
    },
    end: async () => {
      if (count > MAX_COMPLAINTS) await err.write(`and ${String(count - MAX_COMPLAINTS)} more lines\n`)
    },
  }
}
