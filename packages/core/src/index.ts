export { ActionEvent, MAX_ACTOR_CHAIN, MAX_FIELD_LENGTH, RISKS } from './action/action-event.ts'
export type { ActionEventInit, Risk } from './action/action-event.ts'
export { actionDigest } from './action/action-digest.ts'
export { CallRefusedError, refusalText } from './action/call-refused-error.ts'
export type { Refusal } from './action/call-refused-error.ts'
export type { Plan } from './action/plan.ts'
export { callId } from './action/call-id.ts'
export type { CallIdentity } from './action/call-id.ts'
export { capability, capabilityOf, capabilityParts } from './action/capability.ts'
export type { Capability, CapabilityParts, CapabilitySource } from './action/capability.ts'
export { capabilityPattern, covers } from './action/pattern.ts'
export type { CapabilityPattern, Reach } from './action/pattern.ts'
export type { Shell, ToolBinding } from './action/tool-binding.ts'
export type {
  AllowCode,
  AskCode,
  Decision,
  DenyCode,
  Outcome,
  PendingApproval,
  Reason,
  RecordPlace,
  Verdict,
} from './action/verdict.ts'
export type { Applied } from './approval/applied.ts'
export type { HeldGrant } from './approval/grants.ts'
export type { PendingRequest, RequestTerms } from './approval/requests.ts'
export type {
  ApproveStatement,
  GrantScope,
  GrantStatement,
  RejectStatement,
  ResumeStatement,
  RevokeStatement,
  Statement,
  StatementKind,
  SuspendStatement,
} from './approval/statement.ts'
export type { StateEntry, StateExpectation, StatePage, StateWrite } from './approval/state-store.ts'
export type { ChainHead, ChainStore, RecordPage, StoredRecord, StoredValue, ValuePage } from './audit/chain-store.ts'
export type { HeadSink, SinkMode } from './audit/head-sink.ts'
export type { Signer } from './kernel/signer.ts'
export { ActionRuntime } from './compose/action-runtime.ts'
export type { ActionRuntimeOptions } from './compose/action-runtime.ts'
export { ApprovalEngine } from './compose/approval-engine.ts'
export type { ApprovalEngineOptions, ApproverInit, Handed } from './compose/approval-engine.ts'
export type { HandedIn } from './compose/approval-desk.ts'
export type { Suspension } from './compose/approval-state.ts'
export type { GrantInit } from './compose/grant-said.ts'
export { lastPolicy } from './compose/last-policy.ts'
export { refuseAgents } from './compose/refuse-agents.ts'
export type { ShownRequest } from './compose/shown-request.ts'
export type { Answer, WaitOptions } from './compose/wait-for-answer.ts'
export { currentPlan } from './compose/call-chain.ts'
export { CapabilitySystem } from './compose/capability-system.ts'
export { defaultEngine } from './compose/bind.ts'
export { defaultDatabase } from './compose/default-database.ts'
export { execPlan } from './compose/exec-plan.ts'
export type { ExecOptions, ExecResult } from './compose/exec-plan.ts'
export { guard, guardedEvent } from './compose/guard.ts'
export { hostCall } from './compose/host-call.ts'
export type { CodeBinding, FrameworkCall, HostContext, HostOptions } from './compose/host-call.ts'
export { guardStream } from './compose/guard-stream.ts'
export type { StreamingTool } from './compose/guard-stream.ts'
export { Ungated, refuseUngateable } from './compose/ungated.ts'
export type { UngatedInit } from './compose/ungated.ts'
export type { GuardedCall } from './compose/guard.ts'
export { ImmutableAuditTrail } from './compose/immutable-audit-trail.ts'
export type { Rebuilt } from './compose/rebuild.ts'
export type { VerifyTrailOptions } from './compose/verify-trail.ts'
export { openCapFence } from './compose/open-capfence.ts'
export type { CapFence, OpenOptions } from './compose/open-capfence.ts'
export { agentEnvironment, isCapFences } from './kernel/agent-environment.ts'
export type { Environment, HandedVariable } from './kernel/agent-environment.ts'
export { canonicalJson } from './kernel/canonical-json.ts'
export { CapFenceError, isCapFenceError } from './kernel/errors.ts'
export type { ErrorCode } from './kernel/errors.ts'
export type { Json, JsonObject, JsonScalar } from './kernel/json.ts'
export { machine } from './kernel/ports.ts'
export type { Net, NetRequest } from './kernel/net.ts'
export type { FileFacts, Files, Links } from './kernel/files.ts'
export type { Clock, Host, Ids, Machine } from './kernel/ports.ts'
export { rebuild } from './kernel/snapshot.ts'
export type { ApprovalNotice } from './notify/approval-notice.ts'
export { webhookNotifier } from './notify/webhook.ts'
export type { WebhookOptions } from './notify/webhook.ts'
export type { Policy } from './policy/policy.ts'
export type { Explanation, Ruling } from './policy/ruling.ts'
export type {
  Append,
  BaseDBEngine,
  Commit,
  CommitResult,
  ReadResult,
  ReadWanted,
  VersionedHead,
} from './runtime/base-db-engine.ts'
export { LEASE_TIMES } from './runtime/lease.ts'
export type { LeaseTimes } from './runtime/lease.ts'
export type { RuntimeFault } from './runtime/parts.ts'
export type { ReconciledOutcome, Reconciliation } from './runtime/reconcile.ts'
export { replayState } from './runtime/replay-state.ts'
export type { Replay } from './runtime/replay-state.ts'
export type { RunOptions, Tool, ToolContext } from './runtime/run-tool.ts'
export type { Preview } from './runtime/preview.ts'
export type { ReportedOutcome } from './runtime/runtime.ts'
