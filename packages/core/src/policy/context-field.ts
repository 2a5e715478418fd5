import type { LimitField } from './model.ts'
import type { AllowedAction } from './state-terms.ts'

type FieldReader = (action: AllowedAction) => string | undefined

const READERS: { readonly [Field in LimitField]: FieldReader } = {
  actor: (action) => action.actor,
  session: (action) => action.session,
  environment: (action) => action.environment,
  tenant: (action) => action.tenant,
  user_role: (action) => action.userRole,
  tool: (action) => action.tool,
  capability: (action) => action.capability,
}

/** What reads a field of an event, under its name in the policy. */
export function fieldOf(field: LimitField): FieldReader {
  return READERS[field]
}
