export { guardTools } from './guard-tools.ts'
export type { ToolRequest, VercelOptions } from './host-options.ts'
export { toolApproval } from './tool-approval.ts'
export type { ApprovalQuestion, ApprovalStatus, ToolApprovalOptions } from './tool-approval.ts'
