import { type Refusal, refusalText } from '@capfence/core'
import { REFUSED, type Request, type RequestId, own } from './message.ts'

/** Where a refusal stands in a result's `_meta`, or in an error's `data`. */
export const VERDICT_KEY = 'dev.capfence/verdict'

/** Requests of 2026-07-28 and later say their version in each request. */
const VERSION_KEY = 'io.modelcontextprotocol/protocolVersion'

/** The JSON-RPC error with this id. */
export function errorMessage(id: RequestId | null, code: number, message: string): object {
  return { jsonrpc: '2.0', id, error: { code, message } }
}

/** What the client is told of a refused request: of a tool a result that its model can read, else an error. */
export function refusalMessage({ id, method, params }: Request, verdict: Refusal): object {
  const text = refusalText(verdict)
  if (method !== 'tools/call') {
    return { jsonrpc: '2.0', id, error: { code: REFUSED, message: text, data: { [VERDICT_KEY]: told(verdict) } } }
  }
  return { jsonrpc: '2.0', id, result: errorResult(params, text, verdict) }
}

/** A tool's result that says that it was refused. `params` are those of the request, which say its protocol. */
export function errorResult(params: unknown, text: string, verdict: Refusal): Record<string, unknown> {
  return {
    content: [{ type: 'text', text }],
    isError: true,
    // A client of 2026-07-28 takes a result without it for a broken one.
    ...(saysVersion(params) ? { resultType: 'complete' } : {}),
    _meta: { [VERDICT_KEY]: told(verdict) },
  }
}

function saysVersion(params: unknown): boolean {
  return typeof own(own(params, '_meta'), VERSION_KEY) === 'string'
}

function told(verdict: Refusal): object {
  const { code, rule } = verdict.reason
  const { decision } = verdict
  return decision === 'require_approval' ? { decision, code, rule, ...verdict.approval } : { decision, code, rule }
}

/** True for an answer with which the server says that the tool itself failed. */
export function isFailure(answer: object): boolean {
  return Object.hasOwn(answer, 'error') || own(own(answer, 'result'), 'isError') === true
}
