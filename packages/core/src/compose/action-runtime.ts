import type { ActionEvent, ActionEventInit } from '../action/action-event.ts'
import type { Verdict } from '../action/verdict.ts'
import type { HeadSink } from '../audit/head-sink.ts'
import { type Machine, machine } from '../kernel/ports.ts'
import type { Signer } from '../kernel/signer.ts'
import { type ToolCall, toolCallEvent } from '../policy/tool-call.ts'
import type { BaseDBEngine } from '../runtime/base-db-engine.ts'
import type { LeaseTimes } from '../runtime/lease.ts'
import type { RuntimeFault } from '../runtime/parts.ts'
import type { Preview } from '../runtime/preview.ts'
import type { RunOptions, Tool } from '../runtime/run-tool.ts'
import { type ReportedOutcome, type Runtime, createRuntime } from '../runtime/runtime.ts'
import type { ApprovalEngine } from './approval-engine.ts'
import { commonEngine, defaultEngine } from './bind.ts'
import type { CapabilitySystem } from './capability-system.ts'
import type { ImmutableAuditTrail } from './immutable-audit-trail.ts'
import { openTelemetry } from './open-telemetry.ts'
import { ownPlacesOf } from './own-places.ts'
import { type ResultMemo, resultMemo } from './result-memo.ts'
import { RECORDED, Ungated, type UngatedInit } from './ungated.ts'

/** What an `ActionRuntime` is made of. */
export interface ActionRuntimeOptions {
  readonly capabilitySystem: CapabilitySystem
  readonly approvalEngine: ApprovalEngine
  readonly auditTrail: ImmutableAuditTrail
  /** Where decisions are kept; the default SQLite database of the project where neither this nor a part brings one. */
  readonly engine?: BaseDBEngine
  /** The writer's key; this user's default one where left out. */
  readonly signer?: Signer
  /** How long a call may wait for its durable decision, in milliseconds; 5,000 where left out. */
  readonly deadlineMs?: number
  readonly leaseTimes?: LeaseTimes
  /** Where the head of the trail is kept beside this user's head file: `fileSink`, `lineSink`, `httpSink`, or your own. */
  readonly sinks?: readonly HeadSink[]
  /** Told of faults that no caller can be told of; a process warning where left out. */
  readonly onFault?: (fault: RuntimeFault) => void
  readonly machine?: Machine
}

// Without a policy nothing runs, whatever a tool is called.
const NO_TOOLS = { bindingOf: () => undefined }

/** The gate: judge → approve → record → run → record. */
export class ActionRuntime {
  readonly #runtime: Runtime
  readonly #engine: BaseDBEngine
  readonly #ownsEngine: boolean
  readonly #capabilities: CapabilitySystem
  readonly #results: ResultMemo = resultMemo()

  /** Binds the parts to one engine; `ENGINE_MISMATCH` where they bring different ones. Opens nothing yet. */
  constructor(options: ActionRuntimeOptions) {
    const ports = options.machine ?? machine()
    const given = commonEngine([options.engine, options.auditTrail.engine, options.approvalEngine.engine])
    this.#ownsEngine = given === undefined
    this.#engine = given ?? defaultEngine(ports)
    this.#capabilities = options.capabilitySystem
    options.auditTrail.bind(this.#engine)
    const { approvalEngine } = options
    this.#runtime = createRuntime({
      engine: this.#engine,
      machine: ports,
      policy: () => options.capabilitySystem.policy,
      own: ownPlacesOf(ports, this.#engine),
      signer: options.signer,
      sinks: options.sinks,
      deadlineMs: options.deadlineMs,
      leaseTimes: options.leaseTimes,
      onFault: options.onFault,
      telemetry: () => openTelemetry(ports.clock),
      onAsked: (request, fault) => approvalEngine.asked(request, fault),
    })
    approvalEngine.bind(this.#engine, this.#runtime)
  }

  /** The verdict on an action, recorded before it is given. Never throws: whatever breaks is a deny that names the step. */
  execute(event: ActionEvent | ActionEventInit): Promise<Verdict> {
    return this.#runtime.execute(event)
  }

  /**
   * Judges, runs the tool at most once on a copy of what was judged, records the outcome and gives the tool's result.
   * `CallRefusedError` where it may not run; what the tool throws is thrown on.
   */
  run<Result>(event: ActionEvent | ActionEventInit, tool: Tool<Result>, options?: RunOptions): Promise<Result> {
    return this.#runtime.run(event, tool, options)
  }

  /** What the answer would be now, without a record and without effect; it authorizes nothing. Never throws. */
  preview(event: ActionEvent | ActionEventInit): Promise<Preview> {
    return this.#runtime.preview(event)
  }

  /** Says what became of an action that `execute` allowed. `REPORT_REFUSED` where that is known already. */
  report(verdict: Verdict, outcome: ReportedOutcome): Promise<void> {
    return this.#runtime.report(verdict, outcome)
  }

  /** The event that a tool's call stands for, by the policy's `tools`; for adapters. */
  toolEvent(call: ToolCall): ActionEventInit {
    return toolCallEvent(this.#capabilities.policy ?? NO_TOOLS, call)
  }

  /**
   * For adapters that hide tools: whether with some arguments an action of this context could run, now or once a person
   * agrees. Errs towards yes, and says no where no policy is loaded.
   */
  couldAllow(event: ActionEvent): boolean {
    return this.#capabilities.policy?.couldAllow(event) ?? false
  }

  /** For adapters: what the same call gave before in this process, or gives now; else what `start` gives. */
  once<Result>(event: ActionEvent, start: () => Promise<Result>): Promise<Result> {
    return this.#results.once(event, start)
  }

  /**
   * Records that tools of these names are left without a guard, and why; an adapter takes the answer as leave to hand
   * them on. For tools that nobody can guard: a provider runs them, or a browser.
   */
  async leaveUngated(ungated: UngatedInit): Promise<Ungated> {
    await this.#runtime.recordUngated(ungated)
    return new Ungated(ungated.tools, RECORDED)
  }

  /**
   * Resolves once `@opentelemetry/api` is loaded, or known to be absent; calls made before are not traced. Nothing else
   * waits for it.
   */
  ready(): Promise<void> {
    return this.#runtime.ready()
  }

  /** Waits for what is under way, then refuses everything. An engine that was handed in stays open. */
  async close(): Promise<void> {
    await this.#runtime.close()
    if (this.#ownsEngine) await this.#engine.close()
  }
}
