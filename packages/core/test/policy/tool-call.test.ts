import { assert, constantFrom, oneof, property, string } from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { ActionEvent } from '../../src/action/action-event.ts'
import { isSegment } from '../../src/action/capability.ts'
import type { Policy } from '../../src/policy/policy.ts'
import { type ToolCall, toolCallEvent } from '../../src/policy/tool-call.ts'
import { toolSegment } from '../../src/policy/tool-segment.ts'
import { loaded } from '../support/policy-findings.ts'

const CONTEXT = { id: 'x', actor: 'agent', environment: 'production', risk: 'low', at: 0 } as const

let policy: Policy
beforeAll(async () => {
  policy = await loaded(`version: 1
tools:
  transfer: { capability: payment.execute.high_value.eu }
  "fs__*": { capability: filesystem.access.workspace }
  "mcp.files.*": { capability: filesystem.access.remote }
allow: [a.b.c]`)
})

function created(call: Partial<ToolCall> & { readonly tool: string }): ActionEvent {
  return ActionEvent.create(toolCallEvent(policy, { ...CONTEXT, ...call }))
}

describe('a tool call', () => {
  test.each([
    [{ tool: 'transfer' }, 'payment.execute.high_value.eu'],
    [{ tool: 'fs__read' }, 'filesystem.access.workspace'],
    [{ tool: 'web_search' }, 'tool.call.web_search'],
    [{ tool: 'search', server: 'github' }, 'mcp.github.search'],
    [{ tool: 'read', server: 'files' }, 'filesystem.access.remote'],
  ])('asks-for-what-tools-say-else-for-its-own-name: %j', (call, capability) => {
    expect(created(call).capability).toBe(capability)
  })

  test('keeps-its-context-and-arguments-and-names-its-tool', () => {
    const event = created({
      tool: 'transfer',
      session: 's',
      tenant: 't',
      userRole: 'u',
      callerDepth: 2,
      actorChain: ['a'],
      args: { x: 1 },
    })
    expect(event).toMatchObject({
      ...CONTEXT,
      session: 's',
      tenant: 't',
      userRole: 'u',
      callerDepth: 2,
      tool: 'transfer',
      args: { x: 1 },
    })
    expect(created({ tool: 'search', server: 'github' }).tool).toBe('mcp.github.search')
  })

  test('never-gives-a-servers-tool-what-is-said-of-a-tool-of-that-name', () => {
    expect(created({ tool: 'transfer', server: 'rogue' }).capability).toBe('mcp.rogue.transfer')
  })

  test('never-lets-a-dot-in-a-name-reach-into-another-server-or-tool', () => {
    expect(created({ tool: 'files.read', server: 'x' }).capability).toMatch(/^mcp\.x\.files_read-h/)
    expect(created({ tool: 'read', server: 'files.x' }).capability).toMatch(/^mcp\.files_x-h[0-9a-f]+\.read$/)
    expect(created({ tool: 'x.read', server: 'files' }).capability).toBe('filesystem.access.remote')
    expect(created({ tool: 'a.b' }).capability).toMatch(/^tool\.call\.a_b-h/)
  })

  test.each(['', ' x', 'x\n', 'x'.repeat(2000)])('leaves-a-name-that-no-event-can-hold-to-be-refused: %j', (tool) => {
    expect(() => created({ tool })).toThrow(expect.objectContaining({ code: 'EVENT_INVALID' }))
  })

  test('takes-neither-a-capability-nor-a-stray-field-from-who-calls', () => {
    const sly = { tool: 'transfer', resource: 'harmless', action: 'x', scope: 'y' } as { readonly tool: string }
    expect(created(sly).capability).toBe('payment.execute.high_value.eu')
    // What the host's own code says of a tool comes after the policy, and counts only where that is silent.
    expect(created({ tool: 'transfer', capability: 'a.b.c' }).capability).toBe('payment.execute.high_value.eu')
    expect(created({ tool: 'unnamed', capability: 'a.b.c' }).capability).toBe('a.b.c')
  })
})

describe('the segment of a name', () => {
  test.each(['read_file', 'read-file', 'a', '0', 'x'.repeat(128)])('is-the-name-where-that-is-one: %s', (name) => {
    expect(toolSegment(name)).toBe(name)
  })

  test.each([
    'read.file',
    'Read_File',
    'READ_FILE',
    'réad_file',
    'read file',
    'read*file',
    'read\u200b_file',
    'x'.repeat(129),
    '',
  ])('is-folded-with-a-hash-where-the-name-is-none: %s', (name) => {
    expect(toolSegment(name)).toMatch(/^[a-z0-9_-]{0,64}-h[0-9a-f]{24}$/)
    expect(isSegment(toolSegment(name))).toBe(true)
    expect(toolSegment(name)).not.toBe(toolSegment('read_file'))
  })

  test('cannot-be-claimed-by-a-name-that-is-written-like-a-folded-one', () => {
    const taken = toolSegment('read.file')
    expect(toolSegment(taken)).not.toBe(taken)
    expect(toolSegment(toolSegment(taken))).not.toBe(toolSegment(taken))
  })

  test('is-another-one-for-every-other-name', () => {
    const name = oneof(
      string({ maxLength: 4 }),
      string({ unit: constantFrom('a', 'A', '.', '_', '-', 'K'), maxLength: 5 }),
    )
    assert(property(name, name, (left, right) => left === right || toolSegment(left) !== toolSegment(right)))
  })
})
