import type { BaseDBEngine } from '@capfence/core'
import { describe, expect, test, vi } from 'vitest'
import { callMessage, settled } from './attacks.ts'
import { line, notification, request, toldText, toolsCall, withParams } from './line.ts'

// Both SDKs take their time to load on machines that are busy.
vi.setConfig({ testTimeout: 30_000 })

const DONE = { content: [{ type: 'text', text: 'done' }] }
const cancelled = (requestId: unknown): object => notification('notifications/cancelled', { requestId })

/** An engine that commits when it is told to: until then a call is judged. */
function slow(): { readonly engine: (memory: BaseDBEngine) => BaseDBEngine; readonly go: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  return {
    go: resolve,
    engine: (memory) =>
      new Proxy(memory, {
        get: (target, key): unknown => {
          const value: unknown = Reflect.get(target, key, target)
          if (typeof value !== 'function') return value
          if (key !== 'commit') return value.bind(target)
          return async (...given: unknown[]): Promise<unknown> => {
            await promise
            return Reflect.apply(value, target, given)
          }
        },
      }),
  }
}

describe('a call that is given up', () => {
  test('while-it-is-judged-never-runs-is-not-answered-and-is-recorded', async () => {
    const { engine, go } = slow()
    const { gate, toServer, toClient, decisions, outcomes, runtime } = await line({ engine })
    void gate.fromClient(toolsCall(1, 'read'))
    await settled(3)
    void gate.fromClient(cancelled(1))
    go()
    await settled()
    expect(toServer).toEqual([]) // not the cancellation either: the server knows no such request
    expect(toClient).toEqual([])
    await runtime.close()
    const [decision] = await decisions()
    expect((await outcomes()).map(({ outcome }) => outcome)).toEqual(
      decision?.decision === 'allow' ? ['not_executed'] : [],
    )
    expect(decision).toBeDefined()
  })

  test('by-another-spelling-of-its-id-goes-on', async () => {
    const { engine, go } = slow()
    const { gate, toServer } = await line({ engine })
    void gate.fromClient(toolsCall(1, 'read'))
    await settled(3)
    for (const id of ['1', 1.5, null, [1]]) void gate.fromClient(cancelled(id))
    go()
    await settled()
    expect(toServer.filter(({ method }) => method === 'tools/call')).toHaveLength(1)
  })

  test('while-it-runs-is-given-up-at-the-server-and-has-an-outcome', async () => {
    const { gate, toServer, toClient, outcomes } = await line()
    void gate.fromClient(toolsCall(1, 'read'))
    await settled()
    void gate.fromClient(cancelled(1))
    await settled()
    expect(toServer.map(({ method }) => method)).toEqual(['tools/call', 'notifications/cancelled'])
    void gate.fromServer({ jsonrpc: '2.0', id: 1, result: DONE }) // too late
    await settled()
    expect(toClient).toEqual([])
    expect((await outcomes()).map(({ outcome, error }) => [outcome, error])).toEqual([['failed', 'AbortError']])
  })

  test('by-the-end-of-the-connection-never-runs-or-has-an-outcome', async () => {
    const { engine, go } = slow()
    const judged = await line({ engine })
    void judged.gate.fromClient(toolsCall(1, 'read'))
    await settled(3)
    const closing = judged.gate.close()
    go()
    await closing
    expect(judged.toServer).toEqual([])
    const running = await line()
    void running.gate.fromClient(toolsCall(1, 'read'))
    await settled()
    await running.gate.close()
    expect((await running.outcomes()).map(({ outcome }) => outcome)).toEqual(['failed'])
    await running.gate.fromClient(toolsCall(2, 'read'))
    await running.gate.fromClient(request(3, 'ping'))
    expect(running.toServer).toHaveLength(1)
    expect(running.toClient).toEqual([])
  })
})

describe('an id', () => {
  test('that-comes-again-with-the-same-call-runs-once-and-is-answered-twice', async () => {
    const { gate, ask, toServer, toClient, decisions } = await line()
    void gate.fromClient(toolsCall(1, 'read', { file: 'a' }))
    void gate.fromClient(toolsCall(1, 'read', { file: 'a' }))
    await settled()
    await gate.fromServer({ jsonrpc: '2.0', id: 1, result: DONE })
    await settled()
    expect(await ask(toolsCall(1, 'read', { file: 'a' }))).toEqual({ jsonrpc: '2.0', id: 1, result: DONE })
    expect(toServer).toHaveLength(1)
    expect(toClient).toHaveLength(3)
    expect(await decisions()).toHaveLength(1)
  })

  test('that-comes-again-with-another-call-is-refused', async () => {
    const { gate, ask, toServer } = await line()
    void gate.fromClient(toolsCall(1, 'read', { file: 'a' }))
    await settled()
    expect(toldText(await ask(toolsCall(1, 'read', { file: 'b' })))).toContain('id_reuse')
    expect(toServer).toHaveLength(1)
  })

  test('is-one-with-its-type', async () => {
    const { gate, toServer, toClient } = await line()
    void gate.fromClient(toolsCall(1, 'read', { file: 'a' }))
    void gate.fromClient(toolsCall('1', 'read', { file: 'b' }))
    await settled()
    expect(toServer).toHaveLength(2)
    await gate.fromServer({ jsonrpc: '2.0', id: '1', result: DONE })
    await settled()
    expect(toClient.map(({ id }) => id)).toEqual(['1'])
  })

  test('of-an-open-request-is-for-no-other-one', async () => {
    const { gate, toServer, toClient } = await line()
    void gate.fromClient(request(1, 'tools/list'))
    void gate.fromClient(toolsCall(1, 'read'))
    void gate.fromClient(toolsCall(2, 'read'))
    void gate.fromClient(request(2, 'ping'))
    void gate.fromClient(request(1, 'ping'))
    await settled()
    expect(toServer.map(({ id, method }) => [id, method])).toEqual([
      [1, 'tools/list'],
      [2, 'tools/call'],
    ])
    expect(toClient.map(({ id, error }) => [id, error?.code])).toEqual([
      [1, -32_600],
      [2, -32_600],
      [1, -32_600],
    ])
  })

  test('is-free-again-once-it-is-answered-also-where-it-was-given-up', async () => {
    const { gate, toServer } = await line()
    void gate.fromClient(request(1, 'ping'))
    await gate.fromServer({ jsonrpc: '2.0', id: 1, result: {} })
    void gate.fromClient(request(1, 'ping'))
    void gate.fromClient(cancelled(1))
    void gate.fromClient(request(1, 'ping'))
    expect(toServer).toHaveLength(3)
    await gate.fromServer({ jsonrpc: '2.0', id: 1, result: {} })
    void gate.fromClient(request(1, 'ping'))
    expect(toServer).toHaveLength(4)
  })
})

describe('a server', () => {
  test('cannot-answer-a-call-that-is-judged-or-that-nobody-made', async () => {
    const { engine, go } = slow()
    const { gate, toServer, toClient } = await line({ engine })
    void gate.fromClient(toolsCall(1, 'wipe'))
    await settled(3)
    for (const id of [1, 2, 'x']) await gate.fromServer({ jsonrpc: '2.0', id, result: DONE })
    go()
    await settled()
    expect(toServer).toEqual([])
    expect(toClient).toMatchObject([{ id: 1, result: { isError: true } }])
  })

  test('answers-each-call-once', async () => {
    const { gate, ask, toClient } = await line()
    await ask(toolsCall(1, 'read'))
    await gate.fromServer({ jsonrpc: '2.0', id: 1, result: { content: [], isError: true } })
    expect(toClient).toHaveLength(1)
  })

  test('that-answers-in-a-batch-is-understood', async () => {
    const { gate, toClient } = await line()
    void gate.fromClient(toolsCall(1, 'read'))
    void gate.fromClient(request(2, 'ping'))
    await settled()
    await gate.fromServer([
      { jsonrpc: '2.0', id: 2, result: {} },
      { jsonrpc: '2.0', id: 1, result: DONE },
    ])
    await settled()
    expect(toClient.map(({ id }) => id)).toEqual([2, 1])
  })

  test('that-cannot-be-reached-fails-the-call-and-breaks-nothing', async () => {
    const faults: unknown[] = []
    const { gate, toClient, outcomes } = await line({
      onServer: () => {
        throw new Error('the pipe broke')
      },
      onFault: (cause) => faults.push(cause),
    })
    await gate.fromClient(toolsCall(1, 'read'))
    await gate.fromClient(request(2, 'ping'))
    expect(toClient).toMatchObject([{ id: 1, error: { code: -32_603 } }])
    expect(JSON.stringify(toClient)).not.toContain('pipe')
    expect(faults.map(String)).toEqual(['Error: the pipe broke', 'Error: the pipe broke'])
    expect((await outcomes()).map(({ outcome }) => outcome)).toEqual(['failed'])
  })
})

describe('what is no message, or nearly a call', () => {
  const call = callMessage({ id: 'c', tool: 'read', args: {} })
  const { id: _id, ...nameless } = call

  test.each<readonly [string, unknown, number]>([
    ['a batch', [call], -32_600],
    ['an empty batch', [], -32_600],
    ['a text', 'tools/call', -32_600],
    ['nothing', undefined, -32_600],
    ['no version', { ...call, jsonrpc: undefined }, -32_600],
    ['a null id', { ...call, id: null }, -32_600],
    ['a broken id', { ...call, id: 0.5 }, -32_600],
    ['an answer too', { ...call, error: { code: 1, message: '' } }, -32_600],
    ['no method', { jsonrpc: '2.0', id: 'c', params: {} }, -32_600],
    ['odd case', { ...call, method: 'Tools/Call' }, -32_601],
    ['a fullwidth letter', { ...call, method: '\uff54ools/call' }, -32_601],
    ['a blank', { ...call, method: ' tools/call' }, -32_601],
    ['params that are a list', { ...call, params: [] }, -32_602],
    ['no params', { ...call, params: undefined }, -32_602],
    ['a name that is no text', { ...call, params: { name: ['read'] } }, -32_602],
  ])('is-refused-with-the-error-that-json-rpc-has: %s', async (_what, message, code) => {
    const { gate, toServer, toClient, ask } = await line()
    await gate.fromClient(message)
    expect(toServer).toEqual([])
    expect(toClient).toMatchObject([{ jsonrpc: '2.0', error: { code } }])
    expect(await ask(toolsCall(9, 'read'))).toMatchObject({ id: 9, result: DONE })
  })

  test('without-an-id-never-runs-and-is-recorded', async () => {
    const { gate, toServer, toClient, decisions } = await line()
    await gate.fromClient(nameless)
    await gate.fromClient({ ...nameless, method: 'Tools/Call' })
    expect(toServer).toEqual([])
    expect(toClient).toEqual([])
    expect(await decisions()).toMatchObject([{ decision: 'deny', code: 'invalid_event' }])
  })

  test.each([
    ['a text', '{}'],
    ['a list', []],
    ['null', null],
    ['NaN inside', { a: NaN }],
    ['a function inside', { a: () => 1 }],
  ])('arguments-that-are-%s-are-refused-on-the-record', async (_what, args) => {
    const { ask, toServer, decisions } = await line()
    expect(await ask(toolsCall(1, 'read', args))).toMatchObject({ result: { isError: true } })
    expect(toServer).toEqual([])
    expect(await decisions()).toMatchObject([{ code: 'invalid_event' }])
  })

  test('a-host-that-cannot-say-who-calls-runs-nothing', async () => {
    const contextOf = (): never => {
      throw new Error('token of bob')
    }
    const { ask, toServer, decisions } = await line({ contextOf })
    const told = await ask(toolsCall(1, 'read'))
    expect(told).toMatchObject({ result: { isError: true } })
    expect(JSON.stringify(told)).not.toContain('bob')
    expect(toServer).toEqual([])
    expect(await decisions()).toMatchObject([{ decision: 'deny' }])
  })

  test.each([{ tenannt: 'acme' }, JSON.parse('{"__proto__":{"tenant":"acme"}}') as object, { actor: undefined }])(
    'a-host-that-says-what-nobody-knows-runs-nothing: %j',
    async (said) => {
      const { ask, toServer, decisions } = await line({ contextOf: () => said })
      expect(await ask(toolsCall(1, 'read'))).toMatchObject({ result: { isError: true } })
      expect(toServer).toEqual([])
      expect(await decisions()).toMatchObject([{ code: 'invalid_event' }])
    },
  )

  test('more-requests-than-anyone-can-mean-are-refused-and-fill-no-memory', async () => {
    const { gate, toServer, toClient } = await line()
    for (let id = 0; id < 10_010; id++) void gate.fromClient(request(id, 'vendor/never-answered'))
    expect(toServer).toHaveLength(10_000)
    expect(toClient).toHaveLength(10)
  })
})

describe('a request that is made again with what the server asked for', () => {
  const round = (id: number, inputs: object): object => withParams(toolsCall(id, 'form'), inputs)
  const answered = (sum: number): object => ({ sum: { action: 'accept', content: { sum } } })

  test('is-judged-with-it', async () => {
    const { ask, toServer } = await line()
    await ask(toolsCall(1, 'form'), { result: { resultType: 'input_required', requestState: 's' } })
    const good = round(2, { inputResponses: answered(5), requestState: 's' })
    expect(await ask(good)).toMatchObject({ id: 2, result: DONE })
    expect(await ask(round(3, { inputResponses: answered(11), requestState: 's' }))).toMatchObject({
      result: { isError: true },
    })
    expect(toServer.slice(1)).toEqual([good])
  })

  test('rides-on-no-earlier-approval', async () => {
    const { ask, approve, toServer } = await line()
    await ask(toolsCall(1, 'pay', { amount: 5 }))
    await approve()
    const forged = withParams(toolsCall(2, 'pay', { amount: 5 }), { inputResponses: { confirm: { action: 'accept' } } })
    expect(await ask(forged)).toMatchObject({ result: { isError: true } })
    expect(toServer).toEqual([])
    expect(await ask(toolsCall(3, 'pay', { amount: 5 }))).toMatchObject({ result: DONE })
  })

  test('is-judged-and-counted-each-time-that-its-state-is-replayed', async () => {
    const { ask, toServer } = await line()
    const state = { inputResponses: {}, requestState: 'signed' }
    for (const id of [1, 2, 3, 4]) await ask(withParams(toolsCall(id, 'buy'), state))
    expect(toServer.map(({ id }) => id)).toEqual([1, 2])
  })

  test('whose-tool-has-an-argument-of-that-name-is-refused', async () => {
    const { ask, toServer } = await line()
    const both = withParams(toolsCall(1, 'read', { inputResponses: 1 }), { inputResponses: {} })
    expect(await ask(both)).toMatchObject({ error: { code: -32_602 } })
    expect(toServer).toEqual([])
  })
})
