import type { ActionEvent } from '../action/action-event.ts'
import { CapFenceError } from '../kernel/errors.ts'
import { type Machine, machine, paths } from '../kernel/ports.ts'
import type { Policy } from '../policy/policy.ts'
import type { Explanation, Ruling } from '../policy/ruling.ts'

/** The policy in force. Until one is loaded, nothing may run. */
export class CapabilitySystem {
  #policy: Policy | undefined
  readonly #machine: Machine
  readonly #followsLinks: boolean

  /** With `links: false`, paths are read by their text alone: for tools whose files are on another machine. */
  constructor(options: { readonly machine?: Machine; readonly links?: boolean } = {}) {
    this.#machine = options.machine ?? machine()
    this.#followsLinks = options.links ?? true
  }

  /** The loaded policy, or undefined. */
  get policy(): Policy | undefined {
    return this.#policy
  }

  /**
   * Loads a policy file and what it extends. All its mistakes are told at once, as `POLICY_INVALID` with
   * `file:line:column` lines. One policy a system: a second one would drop the first one's denials, so it is refused.
   */
  async loadPolicy(path: string): Promise<void> {
    this.#expectNone()
    const { loadPolicy } = await import('../policy/load/load-policy.ts')
    const { host, files } = this.#machine
    const options = this.#followsLinks ? { links: files.links } : {}
    const loaded = await loadPolicy(paths.resolve(host.folder(), path), files, options)
    this.#expectNone()
    this.#policy = loaded
  }

  /** Takes a policy that is loaded already. */
  usePolicy(policy: Policy): void {
    this.#expectNone()
    this.#policy = policy
  }

  /** What the policy alone says of an event. `POLICY_MISSING` where none is loaded. */
  evaluate(event: ActionEvent): Ruling {
    return this.#loaded().evaluate(event)
  }

  /** Every rule, each condition's value, and the deciding rule. `POLICY_MISSING` where none is loaded. */
  explain(event: ActionEvent): Explanation {
    return this.#loaded().explain(event)
  }

  #loaded(): Policy {
    if (this.#policy === undefined)
      throw new CapFenceError('POLICY_MISSING', 'no policy is loaded; call `loadPolicy` first')
    return this.#policy
  }

  #expectNone(): void {
    if (this.#policy !== undefined) {
      throw new CapFenceError(
        'POLICY_INVALID',
        'a policy is loaded already; compose several with `extends` in one file',
      )
    }
  }
}
