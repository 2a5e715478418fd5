import { type PendingRequest, REQUESTS, parseRequest } from '../approval/requests.ts'
import { CapFenceError } from '../kernel/errors.ts'
import type { BaseDBEngine } from '../runtime/base-db-engine.ts'
import { type Bindable, commonEngine } from './bind.ts'

const PAGE = 256

/** Questions to humans and their answers. Unbound until a runtime binds it to its engine. */
export class ApprovalEngine implements Bindable {
  #engine: BaseDBEngine | undefined

  constructor(options: { readonly engine?: BaseDBEngine } = {}) {
    this.#engine = options.engine
  }

  get engine(): BaseDBEngine | undefined {
    return this.#engine
  }

  bind(engine: BaseDBEngine): void {
    this.#engine = commonEngine([this.#engine, engine])
  }

  /** Requests that wait for a human now, oldest first. */
  async pending(): Promise<readonly PendingRequest[]> {
    const engine = this.#bound()
    await engine.open()
    const now = await engine.now()
    const live: PendingRequest[] = []
    for (let after: string | undefined; ;) {
      const page = await engine.list({ prefix: REQUESTS, after, limit: PAGE })
      for (const { value } of page) {
        const request = parseRequest(value)
        if (request !== undefined && now < request.expiresAt) live.push(request)
      }
      if (page.length < PAGE) break
      after = page.at(-1)?.key
    }
    return live.toSorted((left, right) => left.createdAt - right.createdAt || (left.id < right.id ? -1 : 1))
  }

  #bound(): BaseDBEngine {
    if (this.#engine !== undefined) return this.#engine
    throw new CapFenceError(
      'ENGINE_MISMATCH',
      'this ApprovalEngine has no engine yet; hand it to an ActionRuntime first',
    )
  }
}
