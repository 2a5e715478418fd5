import type { PendingRequest } from '../approval/requests.ts'
import type { HeadSink } from '../audit/head-sink.ts'
import { CapFenceError, messageOf } from '../kernel/errors.ts'
import type { Machine } from '../kernel/ports.ts'
import type { Signer } from '../kernel/signer.ts'
import type { Policy } from '../policy/policy.ts'
import type { LossAcceptance } from './accepted-loss.ts'
import type { BaseDBEngine } from './base-db-engine.ts'
import { type Checkpointer, checkpointer } from './checkpointer.ts'
import type { CommitJob, Instant } from './commit-job.ts'
import { type Committer, committer } from './committer.ts'
import { type Heartbeat, heartbeat } from './heartbeat.ts'
import { inboxJobs } from './inbox-jobs.ts'
import { instant } from './instant.ts'
import { LEASE_TIMES, type Lease, type LeaseTimes, lease, parseLease } from './lease.ts'
import { type Notaries, notaries } from './notary.ts'
import { checkTimes } from './options.ts'
import type { PolicySource } from './prepare.ts'
import { type ProcessMemory, processMemory } from './process-memory.ts'
import { reapJobs } from './reap.ts'
import type { ApprovalRules, StatementRules } from './statement-job.ts'
import { sweeper } from './sweep.ts'
import { type SturdyTelemetry, type TelemetryLoader, sturdyTelemetry } from './telemetry.ts'
import { tellSinks } from './tell-sinks.ts'
import { type TrailWriter, trailWriter } from './trail-writer.ts'
import type { OwnPlaces } from './tripwire.ts'

/** What a runtime is made of. */
export interface RuntimeOptions {
  readonly engine: BaseDBEngine
  readonly machine: Machine
  readonly policy: PolicySource
  /** What of CapFence's own an action could reach for; nothing is guarded where left out. */
  readonly own?: ((policy: Policy) => OwnPlaces) | undefined
  /** The writer's key; this user's default one where left out. */
  readonly signer?: Signer | undefined
  /** The name of the chain to write; `main` where left out. */
  readonly chain?: string | undefined
  /** How long a call may wait for its durable decision; 5 s where left out. */
  readonly deadlineMs?: number | undefined
  readonly leaseTimes?: LeaseTimes | undefined
  /** Whose statements count, where that is not for the policy to say: for a process that only records approvals. */
  readonly approvalRules?: (() => ApprovalRules) | undefined
  /** A person's word that the trail goes on as it stands, should records of it be lost. */
  readonly acceptLoss?: LossAcceptance | undefined
  /** Where heads are kept beside the head file; nowhere where left out. */
  readonly sinks?: readonly HeadSink[] | undefined
  /** Told of each request for approval once it is durable; must not throw. */
  readonly onAsked?: ((request: PendingRequest, fault: (message: string) => void) => void) | undefined
  /** Finds whom to tell of decisions and outcomes; nobody where left out. */
  readonly telemetry?: TelemetryLoader | undefined
  /** Told of faults that no caller can be told of, such as an outcome that could not be recorded. */
  readonly onFault?: ((fault: RuntimeFault) => void) | undefined
}

/** A fault behind the callers' backs. */
export interface RuntimeFault {
  readonly step: 'outcome' | 'lease' | 'reaper' | 'inbox' | 'notify' | 'sink' | 'checkpoint' | 'telemetry'
  readonly message: string
}

const DEADLINE_MS = 5_000
const SWEEP_MS = 3_600_000

/** A runtime's working parts, made once. */
export interface Parts {
  readonly options: RuntimeOptions
  readonly writer: string
  readonly lease: Lease
  readonly times: LeaseTimes
  readonly deadlineMs: number
  readonly commits: Committer
  readonly trail: TrailWriter
  readonly checkpoints: Checkpointer
  readonly beat: Heartbeat
  /** Aborted once nothing new is taken. */
  readonly closing: AbortController
  /** Calls of `run` that have not ended. */
  readonly running: Set<Promise<unknown>>
  readonly memory: ProcessMemory
  readonly notary: Notaries
  readonly rules: StatementRules
  readonly telemetry: SturdyTelemetry
  /** Looks for dead writers and for state that is over, now and then. */
  reap(): void
  readonly fault: (step: RuntimeFault['step'], message: string) => void
}

/** Puts the parts together; touches neither engine nor key. */
export function assemble(options: RuntimeOptions): Parts {
  const { engine, machine, leaseTimes: times = LEASE_TIMES, deadlineMs = DEADLINE_MS } = options
  checkTimes(deadlineMs, times)
  const writer = machine.ids.id()
  const { chain = 'main' } = options
  const own = lease(writer, times)
  const fault = faultTeller(options)
  const enqueue = (job: CommitJob<unknown>): void => {
    void commits.submit(job).then((done) => {
      if (done.kind === 'failed') fault('outcome', done.fault.message)
    })
  }
  const memory = processMemory()
  const notary = notaries(machine)
  const rules = { writer, machine, notary, policy: options.approvalRules ?? (() => loadedPolicy(options)) }
  const inboxOptions = { rules, memory: memory.approvals, fault: (message: string) => fault('inbox', message) }
  const checkpoints = checkpointer({
    engine,
    machine,
    chain,
    submit: (job) => commits.submit(job),
    acceptsLoss: options.acceptLoss !== undefined,
    callLimitMs: deadlineMs,
    fault: (message) => fault('checkpoint', message),
  })
  const trail = trailWriter({
    engine,
    machine,
    writer,
    enqueue,
    inbox: (value) => inboxJobs(value, inboxOptions),
    chain,
    signer: options.signer,
    acceptLoss: options.acceptLoss,
    sinks: tellSinks({
      sinks: options.sinks ?? [],
      clock: machine.clock,
      limitMs: deadlineMs,
      fault: (message) => fault('sink', message),
    }),
    callLimitMs: deadlineMs,
    told: (extension) => checkpoints.extended(extension),
  })
  const commits = committer({ machine, deadlineMs, attempt: trail.attempt })
  const beat = heartbeat(machine.clock, times.renewAfterMs / 2, () => {
    void renew({ commits, lease: own, fault })
  })
  const sweep = sweeper(engine)
  let reapedAt: Instant = { monotonic: Number.NEGATIVE_INFINITY, wall: Number.NEGATIVE_INFINITY }
  const reap = (): void => {
    const now = instant(machine.clock)
    // By either clock: a machine that slept has much to look after.
    const isDue = now.monotonic - reapedAt.monotonic >= times.renewAfterMs || now.wall - reapedAt.wall >= SWEEP_MS
    if (!isDue) return
    reapedAt = now
    const reaper = { writer, times, fault: (message: string) => fault('reaper', message) }
    void Promise.all([reapJobs(engine, reaper), sweep.next()]).then(
      (jobs) => {
        jobs.flat().forEach(enqueue)
      },
      (cause: unknown) => {
        fault('reaper', messageOf(cause))
      },
    )
  }
  return {
    options,
    writer,
    lease: own,
    times,
    deadlineMs,
    commits,
    trail,
    checkpoints,
    beat,
    running: new Set(),
    closing: new AbortController(),
    memory,
    notary,
    rules,
    telemetry: sturdyTelemetry(options.telemetry ?? noTelemetry, (message) => fault('telemetry', message)),
    reap,
    fault,
  }
}

function noTelemetry(): Promise<readonly []> {
  return Promise.resolve([])
}

// Without a policy nobody knows whose statements count, so none is applied.
function loadedPolicy({ policy }: RuntimeOptions): Policy {
  const loaded = policy()
  if (loaded === undefined) throw new CapFenceError('POLICY_MISSING', 'no policy is loaded, so no statement counts')
  return loaded
}

// What the host's own callback throws must not end the process, nor pass for a tool's error.
function faultTeller({ onFault, machine }: RuntimeOptions): Parts['fault'] {
  return (step, message) => {
    try {
      if (onFault === undefined) machine.host.warn(`${step}: ${message}`)
      else onFault({ step, message })
    } catch (cause) {
      machine.host.warn(`${step}: ${message}; and \`onFault\` failed: ${messageOf(cause)}`)
    }
  }
}

async function renew({ commits, lease: own, fault }: Pick<Parts, 'commits' | 'lease' | 'fault'>): Promise<void> {
  const done = await commits.submit({
    keys: [own.key],
    apply: (view) => {
      const writes = own.renewal(view)
      const at = writes.length > 0 ? view.now : (parseLease(view.get(own.key)) ?? view.now)
      return { drafts: [], writes, value: { at, view } }
    },
  })
  if (done.kind === 'committed') own.seen(done.value.view, done.value.at)
  else fault('lease', done.fault.message)
}
