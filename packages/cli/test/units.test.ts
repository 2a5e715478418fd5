import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { jsonProblem } from '../src/trace/json-problem.ts'
import { type Line, MAX_LINE_BYTES, lines } from '../src/trace/lines.ts'
import { jsonLine, visible } from '../src/visible.ts'

async function read(...chunks: readonly (string | Uint8Array)[]): Promise<readonly Line[]> {
  const found: Line[] = []
  for await (const line of lines(Readable.from(chunks.map((chunk) => Buffer.from(chunk))))) found.push(line)
  return found
}

describe('lines', () => {
  test('are-the-same-however-the-stream-is-cut', async () => {
    const bytes = Buffer.from('\u{feff}{"a":"é𝄞"}\r\n\n  \nlast')
    const whole = await read(bytes)
    expect(whole).toEqual([
      { number: 1, text: '{"a":"é𝄞"}\r' },
      { number: 2, text: '' },
      { number: 3, text: '  ' },
      { number: 4, text: 'last' },
    ])
    expect(await read(...Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(whole)
  })

  test('drop-a-byte-order-mark-at-the-start-of-the-stream-alone', async () => {
    expect(await read('\u{feff}a\n\u{feff}b\n')).toEqual([
      { number: 1, text: 'a' },
      { number: 2, text: '\u{feff}b' },
    ])
  })

  test('say-which-line-is-not-utf-8-or-too-long-and-go-on', async () => {
    const found = await read(Uint8Array.of(0xff, 0x0a), 'x'.repeat(MAX_LINE_BYTES), 'x\n', 'ok')
    expect(found).toEqual([
      { number: 1, problem: 'the line is not UTF-8' },
      { number: 2, problem: `the line is longer than ${String(MAX_LINE_BYTES)} bytes` },
      { number: 3, text: 'ok' },
    ])
  })
})

describe('jsonProblem', () => {
  test.each([
    ['{"a":1,"a":2}', 'a'],
    ['{"a":1,"\\u0061":2}', 'a'],
    ['{"x":[{"b" : 1, "c":{}, "b"\n:2}]}', 'b'],
    ['{"__proto__":1,"__proto__":2}', '__proto__'],
    ['{"a\\\\":1,"a\\\\":2}', 'a\\'],
  ])('finds-it-at-any-depth: %s', (json, key) => {
    expect(jsonProblem(json)).toBe(`the key \`${key}\` stands twice in one object`)
  })

  test.each([
    '{"a":{"a":1},"b":{"a":1}}',
    '["a","a"]',
    '{"a":"a","b":"\\"a\\":"}',
    '{"a":"}{\\\\","b":"a"}',
    '1',
    '"a"',
  ])('is-undefined-where-no-key-stands-twice: %s', (json) => {
    expect(jsonProblem(json)).toBeUndefined()
  })

  test('stops-at-nesting-that-no-event-can-have', () => {
    expect(jsonProblem(`{"args":${'['.repeat(2_000_000)}${']'.repeat(2_000_000)}}`)).toBe(
      'it is nested deeper than 100',
    )
  })
})

describe('visible', () => {
  test('leaves-nothing-that-moves-a-cursor-or-hides-text', () => {
    expect(visible('a\u001b[2Jb\r\n\u009b\u202e\u200b\u{e0041}\u2028\ud800\u00a0\\u{1b} é漢 😀')).toBe(
      'a\\u{1b}[2Jb\\u{d}\\u{a}\\u{9b}\\u{202e}\\u{200b}\\u{e0041}\\u{2028}\\u{d800}\\u{a0}\\\\u{1b} é漢 😀',
    )
  })

  test('keeps-the-value-of-json', () => {
    const value = { 'k\u202e': 'a\u001b\u009b\u{e0041}\ud800é\\' }
    const line = jsonLine(value)
    expect(JSON.parse(line)).toEqual(value)
    expect(line).toBe('{"k\\u202e":"a\\u001b\\u009b\\udb40\\udc41\\ud800é\\\\"}\n')
  })
})
