import { type Charge, counterKey, returned } from '../approval/counters.ts'
import { grantsKey, grantsWrite, parseGrants } from '../approval/grants.ts'
import { type StateView, parseRequest, requestKey, requestWrite } from '../approval/requests.ts'
import type { StateWrite } from '../approval/state-store.ts'

/** What an allowed action used up, and gives back where it is known never to have run. */
export interface Spent {
  /** The actor whose grants were used, and their ids; null where none was. */
  readonly grants: { readonly actor: string; readonly ids: readonly string[] } | null
  /** The digest of the request whose approvals were used, and its id; null where none was. */
  readonly request: { readonly digest: string; readonly id: string } | null
  readonly charges: readonly Charge[]
}

/** The state that giving back reads and writes. */
export function spentKeys({ grants, request, charges }: Spent): readonly string[] {
  return [
    ...(grants === null ? [] : [grantsKey(grants.actor)]),
    ...(request === null ? [] : [requestKey(request.digest)]),
    ...charges.map(({ counter }) => counterKey(counter)),
  ]
}

/** What gives it all back: a use for each grant, the approvals together, each charge in the slice that it went to. */
export function giveBack(spent: Spent, view: StateView): readonly StateWrite[] {
  return [...grantWrites(spent, view), ...requestWrites(spent, view), ...counterWrites(spent, view)]
}

/** Whether anything was used up at all. */
export function isSpent({ grants, request, charges }: Spent): boolean {
  return grants !== null || request !== null || charges.length > 0
}

function grantWrites({ grants }: Spent, view: StateView): readonly StateWrite[] {
  if (grants === null) return []
  const held = parseGrants(view.get(grantsKey(grants.actor)))
  const back = held.map((grant) =>
    grants.ids.includes(grant.statement.id) && grant.returned < grant.used
      ? { ...grant, returned: grant.returned + 1 }
      : grant,
  )
  return [grantsWrite(grants.actor, back)]
}

function requestWrites({ request }: Spent, view: StateView): readonly StateWrite[] {
  const found = request === null ? undefined : parseRequest(view.get(requestKey(request.digest)))
  // A newer request for the same action has its own approvals.
  if (found === undefined || found.id !== request?.id || found.returned >= found.used) return []
  return [requestWrite({ ...found, returned: found.returned + 1 })]
}

function counterWrites({ charges }: Spent, view: StateView): readonly StateWrite[] {
  return charges.map((charge) => {
    const key = counterKey(charge.counter)
    return { key, value: returned(view.get(key), charge) }
  })
}
