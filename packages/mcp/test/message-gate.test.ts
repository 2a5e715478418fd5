import { describe, expect, test, vi } from 'vitest'
import { settled } from './attacks.ts'
import { line, notification, request, toldText, toolsCall, withParams } from './line.ts'

// Both SDKs take their time to load on machines that are busy.
vi.setConfig({ testTimeout: 30_000 })

const DONE = { content: [{ type: 'text', text: 'done' }] }

describe('what is not judged', () => {
  test('goes-on-at-once-and-as-it-is', async () => {
    const { gate, toServer, toClient } = await line()
    const sent = [
      request(1, 'initialize', { protocolVersion: '2025-11-25', unknown: { deep: [1] } }),
      notification('notifications/progress', { progressToken: 'p', _meta: { a: 1 } }),
      { ...request('x', 'vendor/method', { _meta: { 'a/b': null } }), extraMember: true },
      { jsonrpc: '2.0', id: 's-1', result: { action: 'accept' } },
    ]
    for (const message of sent) void gate.fromClient(message)
    expect(toServer).toEqual(sent)
    const back = [
      { jsonrpc: '2.0', id: 1, result: { capabilities: { tools: { listChanged: true } }, unknown: 1 } },
      notification('notifications/tools/list_changed'),
      request('s-1', 'elicitation/create', { message: 'sure?' }),
      notification('notifications/progress', { progressToken: 'p', progress: 1 }),
      { jsonrpc: '2.0', id: null, error: { code: -32700, message: 'what?' } },
    ]
    for (const message of back) void gate.fromServer(message)
    expect(toClient).toEqual(back)
  })

  test('keeps-its-order-while-a-call-is-judged', async () => {
    const { gate, toServer } = await line()
    void gate.fromClient(toolsCall(1, 'read'))
    void gate.fromClient(request(2, 'ping'))
    void gate.fromClient(notification('notifications/roots/list_changed'))
    expect(toServer.map(({ method }) => method)).toEqual(['ping', 'notifications/roots/list_changed'])
    await settled()
    expect(toServer.map(({ method }) => method)).toEqual(['ping', 'notifications/roots/list_changed', 'tools/call'])
  })
})

describe('a call', () => {
  test('is-made-anew-of-what-was-judged-with-all-else-that-it-holds', async () => {
    const { ask, toServer } = await line()
    const more = { _meta: { progressToken: 7, 'x/y': [1] }, task: { ttl: 5 }, unknown: 'kept' }
    const call = withParams(toolsCall('c', 'read', { file: 'a', deep: { at: [1, null] } }), more)
    const message = { ...call, beside: 1 }
    expect(await ask(message)).toEqual({ jsonrpc: '2.0', id: 'c', result: DONE })
    expect(toServer).toEqual([message])
    expect(toServer[0]?.params?.['arguments']).not.toBe(call.params['arguments'])
  })

  test('without-arguments-is-handed-on-without-any', async () => {
    const { ask, toServer } = await line()
    const message = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'read' } }
    await ask(message)
    expect(toServer).toEqual([message])
  })

  test('that-the-server-answers-with-an-error-or-isError-has-failed-and-its-answer-is-unchanged', async () => {
    const { ask, outcomes } = await line()
    const failed = { result: { content: [], isError: true, structuredContent: { why: 1 }, _meta: { a: 1 } } }
    expect(await ask(toolsCall(1, 'read'), failed)).toEqual({ jsonrpc: '2.0', id: 1, ...failed })
    const error = { error: { code: -32_602, message: 'no such tool', data: { a: 1 } } }
    expect(await ask(toolsCall(2, 'read'), error)).toEqual({ jsonrpc: '2.0', id: 2, ...error })
    await ask(toolsCall(3, 'read'))
    expect((await outcomes()).map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'succeeded'])
  })

  test('that-is-refused-is-a-result-with-isError-and-the-reason', async () => {
    const { ask, toServer } = await line()
    const told = await ask(toolsCall(1, 'wipe', { note: 'sk-secret' }))
    expect(told).toMatchObject({ id: 1, result: { isError: true } })
    expect(told?.result).not.toHaveProperty('resultType')
    expect(told?.result?.['_meta']).toEqual({
      'dev.capfence/verdict': { decision: 'deny', code: 'policy_deny', rule: 'deny[0]' },
    })
    expect(toldText(told)).toMatch(/^blocked by CapFence \(policy_deny\)/u)
    expect(JSON.stringify(told)).not.toContain('sk-secret')
    expect(toServer).toEqual([])
  })

  test('of-2026-07-28-that-is-refused-has-a-result-type', async () => {
    const { ask } = await line()
    const _meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' }
    expect(await ask(withParams(toolsCall(1, 'wipe'), { _meta }))).toMatchObject({ result: { resultType: 'complete' } })
  })

  test('that-waits-for-approval-says-so-with-the-request-and-runs-once-it-is-granted', async () => {
    const { ask, approve, toServer } = await line()
    const told = await ask(toolsCall(1, 'pay', { amount: 5 }))
    const meta = told?.result?.['_meta'] as Record<string, { requestId: string }> | undefined
    const verdict = meta?.['dev.capfence/verdict']
    expect(verdict).toMatchObject({
      decision: 'require_approval',
      rule: 'paying',
      expiresAt: expect.any(Number) as number,
    })
    expect(toldText(told)).toContain(verdict?.requestId)
    await approve()
    expect(await ask(toolsCall(2, 'pay', { amount: 6 }))).toMatchObject({ result: { isError: true } })
    expect(await ask(toolsCall(3, 'pay', { amount: 5 }))).toMatchObject({ id: 3, result: DONE })
    expect(await ask(toolsCall(4, 'pay', { amount: 5 }))).toMatchObject({ result: { isError: true } })
    expect(toServer.map(({ id }) => id)).toEqual([3])
  })

  test('holds-up-no-other-call', async () => {
    const { gate, toServer, toClient } = await line()
    for (const id of [1, 2, 3]) void gate.fromClient(toolsCall(id, 'read', { id }))
    await settled()
    expect(toServer.map(({ id }) => id)).toEqual([1, 2, 3])
    for (const id of [3, 1, 2]) void gate.fromServer({ jsonrpc: '2.0', id, result: DONE })
    await settled()
    expect(toClient.map(({ id }) => id)).toEqual([3, 1, 2])
  })
})

describe('further methods', () => {
  test('are-handed-on-where-nobody-said-that-they-are-judged', async () => {
    const { ask, toServer, decisions } = await line()
    await ask(request(1, 'resources/read', { uri: 'file:///secret' }), { result: { contents: [] } })
    expect(toServer).toHaveLength(1)
    expect(await decisions()).toEqual([])
  })

  test('are-judged-by-their-own-capability-where-the-host-says-so', async () => {
    const { ask, toServer, decisions } = await line({ judge: ['resources/read', 'prompts/get', 'tasks/cancel'] })
    const contents = { result: { contents: [{ uri: 'file:///a', text: 'x' }] } }
    const read = request(1, 'resources/read', { uri: 'file:///a', _meta: { progressToken: 1 } })
    expect(await ask(read, contents)).toEqual({ jsonrpc: '2.0', id: 1, ...contents })
    expect(toServer).toEqual([read])
    const refused = await ask(request(2, 'resources/read', { uri: 'file:///secret' }))
    expect(refused).toMatchObject({
      id: 2,
      error: { code: -32_003, data: { 'dev.capfence/verdict': { rule: 'no-secrets' } } },
    })
    expect(await ask(request(3, 'prompts/get', { name: 'p' }))).toMatchObject({ error: { code: -32_003 } })
    expect(await ask(request(4, 'tasks/cancel', { taskId: 't' }))).toMatchObject({ error: { code: -32_003 } })
    expect(toServer).toHaveLength(1)
    expect((await decisions()).map(({ event }) => 'capability' in event && event.capability)).toEqual([
      'mcp.files.resources.read',
      'mcp.files.resources.read',
      'mcp.files.prompts.get',
      'mcp.files.tasks.cancel',
    ])
  })

  test('are-no-tool-of-that-name', async () => {
    const { ask, toServer, decisions } = await line({ judge: ['resources/read'] })
    for (const name of ['resources/read', 'resources.read', 'mcp.files.resources.read'])
      await ask(toolsCall(name, name))
    expect(toServer).toEqual([])
    for (const { event } of await decisions())
      expect(event).toMatchObject({ capability: expect.stringMatching(/^mcp\.files\.\w+-h/u) as string })
  })

  test.each(['ping', 'tools', 'a b/c', '', '/', 'a/'])('are-named-with-a-slash: %j', async (method) => {
    await expect(line({ judge: [method] })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  })

  test.each(['', 'Files', 'a.b', 'a b', '*', 'a'.repeat(65)])('a-server-has-a-plain-name: %j', async (server) => {
    await expect(line({ server })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  })
})
