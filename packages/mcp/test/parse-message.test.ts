import { parseMessage } from '@capfence/mcp'
import * as fc from 'fast-check'
import { expect, test, vi } from 'vitest'

// Large texts, on machines that may be busy.
vi.setConfig({ testTimeout: 60_000 })

const CALL = '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"read","arguments":{"a":[1,{"b":"x"}]}}}'

test('a-message-is-what-json-says', () => {
  expect(parseMessage(CALL)).toEqual({ kind: 'message', message: JSON.parse(CALL) as unknown })
  expect(parseMessage(` \n${CALL}\r\n`).kind).toBe('message')
})

test.each([
  ['the method', '{"jsonrpc":"2.0","id":7,"method":"ping","method":"tools/call"}', null],
  ['the id', '{"jsonrpc":"2.0","id":7,"id":8,"method":"ping"}', null],
  ['the method, once escaped', '{"jsonrpc":"2.0","id":7,"method":"ping","\\u006dethod":"tools/call"}', null],
  ['the name', '{"id":7,"method":"tools/call","params":{"name":"read","name":"wipe"}}', 7],
  ['the name, once escaped', '{"id":7,"method":"tools/call","params":{"name":"read","n\\u0061me":"wipe"}}', 7],
  ['the arguments', '{"id":"x","params":{"arguments":{},"x":1,"arguments":{"a":1}}}', 'x'],
  ['an argument in a list', '{"id":7,"params":{"arguments":[[{"a":1,"b":{},"a":2}]]}}', 7],
  ['an empty key', '{"id":7,"params":{"":1,"":2}}', 7],
  ['__proto__', '{"id":7,"params":{"__proto__":1,"__proto__":2}}', 7],
  ['an object that hides another one', '{"id":7,"params":{"a":{"b":{"c":1},"d":[{}]},"a":1}}', 7],
  ['a key beside texts with colons', '{"id":7,"params":{"a:":":\\\\\\":","a:":"\\\\"}}', 7],
])('a-key-that-stands-twice-is-refused: %s', (_what, text, id) => {
  expect(parseMessage(text)).toMatchObject({ kind: 'refused', answer: { id, error: { code: -32_600 } } })
})

test.each([
  ['another object', '{"a":{"x":1},"b":{"x":1}}'],
  ['an object in a list', '[{"x":1},{"x":1}]'.replace(/^/u, '{"a":').concat('}')],
  ['a value', '{"a":"b","b":"a"}'],
  ['inside a text', '{"a":"\\"a\\":1,{","b":"\\\\"}'],
  ['an outer object', '{"a":{"a":{"a":1}},"b":1}'],
])('a-key-that-stands-again-elsewhere-is-fine: %s', (_what, text) => {
  expect(parseMessage(text).kind).toBe('message')
})

test.each(['', '{', 'nul', '{"a":1,}', "{'a':1}", '{"a":01}', '\ufeff{}', '{"a":"\u0001"}', `${CALL} ${CALL}`])(
  'what-is-no-json-is-a-parse-error: %j',
  (text) => {
    expect(parseMessage(text)).toMatchObject({ kind: 'refused', answer: { id: null, error: { code: -32_700 } } })
  },
)

test.each(['[]', `[${CALL}]`, `[${CALL},${CALL}]`])('a-batch-is-refused', (text) => {
  expect(parseMessage(text)).toMatchObject({ kind: 'refused', answer: { id: null, error: { code: -32_600 } } })
})

test('a-message-of-100-mb-is-refused-unparsed', () => {
  const text = `{"id":1,"params":"${'x'.repeat(100_000_000)}"}`
  expect(parseMessage(text)).toMatchObject({ kind: 'refused', answer: { error: { code: -32_600 } } })
  expect(parseMessage('"é"', 3)).toMatchObject({ kind: 'refused' })
  expect(parseMessage('"é"', 4)).toMatchObject({ kind: 'message' })
})

test('what-is-nested-too-deeply-to-be-written-again-is-refused', () => {
  const nested = (depth: number): string => `{"id":1,"a":${'['.repeat(depth)}${']'.repeat(depth)}}`
  expect(parseMessage(nested(199)).kind).toBe('message')
  expect(parseMessage(nested(200))).toMatchObject({ kind: 'refused', answer: { id: 1 } })
  expect(parseMessage(nested(1_000_000)).kind).toBe('refused')
})

test('whatever-passes-is-the-same-when-it-is-written-and-read-again', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), (text) => {
      const parsed = parseMessage(text)
      if (parsed.kind === 'refused') return
      expect(parseMessage(JSON.stringify(parsed.message))).toEqual(parsed)
    }),
  )
})

test('an-object-that-json-writes-has-no-key-twice', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'binary', maxLength: 3 }), fc.jsonValue({ maxDepth: 2 })), (object) => {
      expect(parseMessage(JSON.stringify(object)).kind).toBe('message')
    }),
  )
})
