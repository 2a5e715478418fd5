import { CapFenceError } from '../kernel/errors.ts'

/** Tools that are to be left without a guard. */
export interface UngatedInit {
  /** The adapter that would have refused them. */
  readonly adapter: string
  readonly actor: string
  readonly tools: readonly string[]
  /** Why that is right; recorded for good. */
  readonly reason: string
}

/** What only this package has: shows that leave was recorded. */
export const RECORDED: unique symbol = Symbol('recorded')

/** Leave to hand tools on without a guard; recorded when it was given. Only `ActionRuntime.leaveUngated` makes one. */
export class Ungated {
  readonly #tools: ReadonlySet<string>

  /** For `leaveUngated` alone: `OPTION_INVALID` for whoever cannot show that it is on the record. */
  constructor(tools: readonly string[], proof?: unknown) {
    if (proof !== RECORDED) {
      throw new CapFenceError('OPTION_INVALID', 'leave is given on the record: call `runtime.leaveUngated`')
    }
    this.#tools = new Set(tools)
  }

  /** Whether a tool may go without a guard. */
  allows(tool: string): boolean {
    return this.#tools.has(tool)
  }

  /** True for what `leaveUngated` gave, and nothing that only looks like it. */
  static is(value: unknown): value is Ungated {
    return typeof value === 'object' && value !== null && #tools in value
  }
}

/**
 * What an adapter calls for a tool that it cannot guard: passes where that is allowed and recorded, else
 * `TOOL_UNGATEABLE` with what to do.
 */
export function refuseUngateable(tool: string, why: string, ungated: Ungated | undefined): void {
  if (Ungated.is(ungated) && ungated.allows(tool)) return
  throw new CapFenceError(
    'TOOL_UNGATEABLE',
    `the tool \`${tool.slice(0, 80)}\` cannot be guarded: ${why}; leave it out, or record that it goes without a guard (\`runtime.leaveUngated\`) and pass that as \`ungated\``,
  )
}
