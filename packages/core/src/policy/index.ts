// What reads, checks and judges by a policy.
export { type ArchivedLimit, type ArchivedPolicy, archivedPolicy } from './archived-policy.ts'
export { checkPolicy, loadPolicy, parsePolicyText } from './load/load-policy.ts'
export type { PolicyCheck } from './load/check-start.ts'
export { grantArgs } from './load/grant-args.ts'
export { PolicyError } from './load/policy-error.ts'
export { type ToolCall, toolCallEvent } from './tool-call.ts'
export type { Policy, PolicyFinding } from './policy.ts'
