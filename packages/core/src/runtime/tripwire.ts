import type { ActionEvent } from '../action/action-event.ts'
import type { Reason } from '../action/verdict.ts'
import { isUnder } from '../facts/path/posix-path.ts'
import type { Policy } from '../policy/policy.ts'
import type { TouchPlace, Touches } from '../policy/touches.ts'

/** What of CapFence's own lies where an action could reach it. Absolute paths, under each name that is known. */
export interface OwnPlaces extends TouchPlace {
  /** Keys: nobody but CapFence reads or changes them. */
  readonly secret: readonly string[]
  /** Policy, database, trust and heads: nobody but CapFence changes them. */
  readonly fixed: readonly string[]
}

/** What a person does with the command line to let an agent on, or to take its stop away. */
const GRANTING: ReadonlySet<string> = new Set(['grant', 'approve', 'resume', 'keys', 'rebuild', 'reconcile', 'audit'])

/**
 * Denies what surely reaches for the gate itself, whatever the policy says. A tripwire and no wall: what facts cannot
 * show goes by the policy, and file permissions are the defence.
 */
export function tripwire(event: ActionEvent, policy: Policy, own: OwnPlaces): Reason<'tripwire'> | undefined {
  const touches = policy.touchesOf(event, own)
  const what = touches && (reached(touches, own) ?? granting(touches))
  return what === undefined
    ? undefined
    : { code: 'tripwire', rule: null, message: `${what}; no policy allows that, and no approval does` }
}

function reached({ files }: Touches, { secret, fixed }: OwnPlaces): string | undefined {
  for (const { how, paths, isWhole } of files) {
    const isIn = (places: readonly string[]): boolean =>
      paths.some((path) => places.some((place) => isUnder(path, place) || (isWhole && isUnder(place, path))))
    if (isIn(secret)) return "the action reaches for CapFence's own keys"
    if ((how === 'change' || how === 'remove') && isIn(fixed))
      return "the action would change CapFence's own policy, trail or trust"
  }
  return undefined
}

function granting({ commands }: Touches): string | undefined {
  const isOurs = commands.some(({ program, subcommands, args }) => {
    const [first] = subcommands.length > 0 ? subcommands : args.filter((word) => word?.startsWith('-') !== true)
    return program === 'capfence' && (first === undefined ? args.length > 0 : GRANTING.has(first))
  })
  return isOurs ? 'the action would let an agent approve for itself' : undefined
}
