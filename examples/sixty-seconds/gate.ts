// The program of the README: what stands between the two marks is shown there, letter by letter.
// #region readme
import { ActionEvent, ActionRuntime, ApprovalEngine, CapabilitySystem, ImmutableAuditTrail } from '@capfence/core'

const caps = new CapabilitySystem()
await caps.loadPolicy('policies/ops.yaml')
const runtime = new ActionRuntime({
  capabilitySystem: caps,
  approvalEngine: new ApprovalEngine(),
  auditTrail: new ImmutableAuditTrail(),
})

const verdict = await runtime.execute(
  ActionEvent.create({
    actor: 'deployment-agent',
    action: 'delete',
    resource: 'filesystem.workspace',
    environment: 'production',
    risk: 'high',
    args: { command: 'rm -rf /var/lib/postgresql' },
  }),
)
if (!verdict.authorized) console.log(`blocked by CapFence: ${verdict.reason.message}`)
// #endregion readme

export { runtime, verdict }
