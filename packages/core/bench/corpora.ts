// What the packs say of lines that others wrote: `pnpm bench:corpora -- FOLDER [--json] [--show KIND]`. The lines stay where
// they are; only figures go into the documentation.
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { ActionEvent } from '../src/action/action-event.ts'
import { capability, capabilityParts } from '../src/action/capability.ts'
import type { Files } from '../src/kernel/files.ts'
import { machine } from '../src/kernel/ports.ts'
import { loadPolicy } from '../src/policy/load/load-policy.ts'
import type { Policy } from '../src/policy/policy.ts'
import { table } from './median.ts'

const LEVELS = ['strict', 'standard'] as const
type Level = (typeof LEVELS)[number]
type Domain = 'shell' | 'sql'
type Answer = 'allow' | 'require_approval' | 'deny'

const KINDS = ['allowed-attacks', 'denied-benign', 'asked-benign', 'opaque'] as const
type Kind = (typeof KINDS)[number]

interface Line {
  readonly input: string
  readonly label: string
}

/** One line under one pack. */
interface Judged extends Line {
  readonly file: string
  readonly level: Level
  readonly answer: Answer
  readonly rule: string
  /** Why what in it could not be read; undefined where all was. */
  readonly opaque: string | undefined
}

/** What a pack says of the lines of one label in one file. */
interface Row {
  readonly file: string
  readonly pack: string
  readonly label: string
  readonly lines: number
  readonly allowed: number
  readonly asked: number
  readonly denied: number
  readonly opaque: number
  readonly parseErrors: number
  readonly microsecondsPerLine: number
}

/** What `opaque` says where the text is no sentence of its language. */
const PARSE_ERRORS: ReadonlySet<string> = new Set(['it is not bash, as far as it can be read', 'not SQL'])

const TOOLS: Readonly<Record<Domain, string>> = {
  shell: 'run: { capability: shell.exec.workspace, command: text, cwd: cwd }',
  sql: 'run: { capability: database.query.main, sql: text, dialect: postgres }',
}
const CAPABILITIES: Readonly<Record<Domain, string>> = { shell: 'shell.exec.workspace', sql: 'database.query.main' }

async function main(): Promise<void> {
  const asked = readOptions()
  if (asked === undefined) {
    console.error(`usage: pnpm bench:corpora -- FOLDER [--json] [--show ${KINDS.join('|')}]`)
    process.exitCode = 2
    return
  }
  const { folder, isJson, show } = asked
  const rows: Row[] = []
  for (const file of readdirSync(folder).toSorted()) {
    for (const { pack, judged, took } of await judgeFile(folder, file)) {
      if (show === undefined) rows.push(...rowsOf(judged, { pack, took }))
      else for (const one of judged.filter((each) => isShown(each, show))) console.log(asShown(one))
    }
  }
  if (isJson && show === undefined) console.log(JSON.stringify(rows))
  else print(rows)
}

interface Options {
  readonly folder: string
  readonly isJson: boolean
  readonly show: Kind | undefined
}

function readOptions(): Options | undefined {
  const { values, positionals } = parseArgs({
    // pnpm hands on the `--` that stands before what is meant for the script.
    args: process.argv.slice(process.argv[2] === '--' ? 3 : 2),
    options: { json: { type: 'boolean', default: false }, show: { type: 'string' } },
    allowPositionals: true,
  })
  const [folder, ...more] = positionals
  const show = KINDS.find((kind) => kind === values.show)
  if (folder === undefined || more.length > 0 || (values.show !== undefined && show === undefined)) return undefined
  return { folder, isJson: values.json, show }
}

async function judgeFile(folder: string, file: string): Promise<readonly (Timed & { readonly pack: string })[]> {
  const domain = domainOf(file)
  if (domain === undefined) return []
  const lines = readLines(join(folder, file))
  return Promise.all(
    LEVELS.map(async (level) => {
      const policy = await policyOf(domain, level)
      return { pack: `${domain}/${level}`, ...judgeAll(lines, policy, { file, domain, level }) }
    }),
  )
}

function domainOf(file: string): Domain | undefined {
  if (!file.endsWith('.jsonl')) return undefined
  return (['shell', 'sql'] as const).find((domain) => file.startsWith(`${domain}-`))
}

function readLines(path: string): readonly Line[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((text) => text.trim() !== '')
    .map((text, index) => lineOf(JSON.parse(text), `${basename(path)}:${String(index + 1)}`))
}

function lineOf(value: unknown, place: string): Line {
  if (typeof value !== 'object' || value === null || !('input' in value) || !('label' in value)) {
    throw new Error(`${place}: a line has \`input\` and \`label\``)
  }
  const { input, label } = value
  if (typeof input !== 'string' || typeof label !== 'string') throw new Error(`${place}: both are texts`)
  return { input, label }
}

/** A policy that says nothing but what a pack says. */
async function policyOf(domain: Domain, level: Level): Promise<Policy> {
  const text = `version: 1\nextends: ["capfence:${domain}/${level}"]\ntools:\n  ${TOOLS[domain]}\n`
  const { files } = machine()
  const overlay: Files = {
    ...files,
    read: (path, maxBytes) => (path === START ? text : files.read(path, maxBytes)),
    facts: (path) => (path === START ? undefined : files.facts(path)),
    realPath: (path) => (path === START ? path : files.realPath(path)),
  }
  return loadPolicy(START, overlay)
}

const START = '/bench/policy.yaml'

interface Source {
  readonly file: string
  readonly domain: Domain
  readonly level: Level
}

function judgeAll(lines: readonly Line[], policy: Policy, { file, domain, level }: Source): Timed {
  // The first run warms up; events are made outside the clock, and each is read once.
  for (const line of lines) policy.evaluate(eventOf(line, domain))
  const events = lines.map((line) => ({ line, event: eventOf(line, domain) }))
  const startedAt = performance.now()
  const rulings = events.map(({ line, event }) => ({ line, ruling: policy.evaluate(event) }))
  const took = performance.now() - startedAt
  const judged = rulings.map(({ line, ruling }) => ({
    ...line,
    file,
    level,
    answer: ruling.decision,
    rule: ruling.rule ?? ruling.code,
    opaque: opacityOf(line.input, domain, policy),
  }))
  return { judged, took }
}

interface Timed {
  readonly judged: readonly Judged[]
  /** Milliseconds for all of them. */
  readonly took: number
}

function eventOf({ input }: Line, domain: Domain): ActionEvent {
  const { resource, action, scope } = capabilityParts(capability(CAPABILITIES[domain]))
  return ActionEvent.create({
    id: 'bench',
    at: 0,
    actor: 'agent',
    environment: 'development',
    risk: 'medium',
    tool: 'run',
    resource,
    action,
    scope: scope.join('.'),
    args: domain === 'shell' ? { text: input, cwd: '/workspace' } : { text: input },
  })
}

function opacityOf(input: string, domain: Domain, { readers }: Policy): string | undefined {
  if (domain === 'shell') return readers.shell?.line(input).opaque[0]?.why
  return readers.sql?.text(input).opaque[0]
}

function isShown({ label, answer, opaque }: Judged, kind: Kind): boolean {
  if (kind === 'allowed-attacks') return label === 'attack' && answer === 'allow'
  if (kind === 'denied-benign') return label === 'benign' && answer === 'deny'
  if (kind === 'asked-benign') return label === 'benign' && answer === 'require_approval'
  return opaque !== undefined
}

function asShown({ file, level, label, answer, rule, opaque, input }: Judged): string {
  return JSON.stringify({ file, level, label, answer, rule, ...(opaque === undefined ? {} : { opaque }), input })
}

function rowsOf(judged: readonly Judged[], { pack, took }: { readonly pack: string; readonly took: number }): Row[] {
  const microsecondsPerLine = judged.length === 0 ? 0 : (took * 1000) / judged.length
  return [...Map.groupBy(judged, ({ label }) => label)].map(([label, group]) => {
    const count = (is: (one: Judged) => boolean): number => group.filter(is).length
    return {
      file: group[0]?.file ?? '',
      pack,
      label,
      lines: group.length,
      allowed: count(({ answer }) => answer === 'allow'),
      asked: count(({ answer }) => answer === 'require_approval'),
      denied: count(({ answer }) => answer === 'deny'),
      opaque: count(({ opaque }) => opaque !== undefined),
      parseErrors: count(({ opaque }) => opaque !== undefined && PARSE_ERRORS.has(opaque)),
      microsecondsPerLine,
    }
  })
}

const COLUMNS = ['pack', 'label', 'lines', 'allowed', 'asked', 'denied', 'opaque', 'parse errors', 'µs a line']

function print(rows: readonly Row[]): void {
  for (const [file, group] of Map.groupBy(rows, (row) => row.file)) {
    table(file, [COLUMNS, ...group.map(cells)])
  }
}

function cells(row: Row): string[] {
  const part = (count: number): string => `${String(count)} (${((100 * count) / row.lines).toFixed(1)} %)`
  return [
    row.pack,
    row.label,
    String(row.lines),
    part(row.allowed),
    part(row.asked),
    part(row.denied),
    part(row.opaque),
    String(row.parseErrors),
    row.microsecondsPerLine.toFixed(0),
  ]
}

await main()
