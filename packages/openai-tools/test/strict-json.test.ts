import { isCapFenceError } from '@capfence/core'
import { expect, test } from 'vitest'
import { argsOrText, strictArgs } from '../src/strict-json.ts'

test.each([
  ['{}', {}],
  [' {"a":{"b":[1,{"c":"x"}]},"d":"}\\"{:"} \n', { a: { b: [1, { c: 'x' }] }, d: '}"{:' }],
  ['{"a":"a","b":{"a":1},"c":[{"a":1},{"a":2}]}', { a: 'a', b: { a: 1 }, c: [{ a: 1 }, { a: 2 }] }],
  ['{"a":["a","a"],"\\u0062":"a:\\\\"}', { a: ['a', 'a'], b: 'a:\\' }],
])('reads-what-has-one-meaning: %s', (text, expected) => {
  expect(strictArgs(text)).toEqual(expected)
})

test.each([
  '{"a":1,"a":2}',
  '{"a":1,"\\u0061":2}',
  '{"x":[{"a":{"b":1,"b":1}}]}',
  '{"__proto__":1,"__proto__":2}',
  '{"a":"\\"","a":1}',
  '{} {}',
  '{}x',
  '\uFEFF{}',
  '{"a":1,}',
  "{'a':1}",
  '{"a":NaN}',
  '[1]',
  '"a"',
  'null',
  '',
])('refuses-what-has-not: %s', (text) => {
  expect(() => strictArgs(text)).toThrow(/^the arguments /u)
  expect(argsOrText(text)).toBe(text)
})

test('a-refusal-never-holds-the-text', () => {
  try {
    strictArgs('{"secret":1,"secret":2}')
    expect.unreachable()
  } catch (cause) {
    expect(isCapFenceError(cause) && cause.code).toBe('EVENT_INVALID')
    expect(String(cause)).not.toContain('secret')
  }
})
