import { describe, expect, test } from 'vitest'
import { argReader, namesSeveral, readArg } from '../../src/facts/arg-path.ts'
import { argTexts } from '../../src/facts/arg-texts.ts'
import type { JsonObject } from '../../src/kernel/json.ts'
import { snapshot } from '../../src/kernel/snapshot.ts'
import { argPath } from '../../src/policy/arg-path.ts'

const taken = (value: unknown): JsonObject => snapshot(value) as JsonObject

describe('reading arguments', () => {
  const args = taken({
    a: { b: [1, { c: 'x' }] },
    items: [{ id: 1 }, {}, { id: 3 }],
    none: [],
    'odd.key': 7,
    when: new Date(0),
    bytes: new Uint8Array([1]),
  })

  test.each<[string, readonly unknown[]]>([
    ['a.b[0]', [1]],
    ['a.b[1].c', ['x']],
    ['a.b[2]', [undefined]],
    ['["odd.key"]', [7]],
    ['items[*].id', [1, 3, undefined]],
    ['items[*].id.x', [undefined]],
    ['["items"][*]', [{ id: 1 }, {}, { id: 3 }]],
    ['items[1].id', [undefined]],
    ['none[*]', []],
    ['none[*].id', []],
    ['a[*]', [undefined]],
    ['missing[*].id', [undefined]],
    ['a.b.length', [undefined]],
    ['a.b[1].c[0]', [undefined]],
    ['when.value', [undefined]],
    ['bytes["$capfence"]', [undefined]],
    ['toString', [undefined]],
    ['__proto__', [undefined]],
    ['a.constructor.name', [undefined]],
  ])('finds-own-values-only: %s', (text, values) => {
    const path = argPath(text)
    expect(readArg(args, path)).toEqual(values)
    if (!namesSeveral(path)) expect([argReader(path)(args)]).toEqual(values)
  })

  test('treats-prototype-names-as-data', () => {
    const odd = taken(JSON.parse('{"__proto__":{"x":1},"constructor":2}'))
    expect(readArg(odd, argPath('__proto__.x'))).toEqual([1])
    expect(readArg(odd, argPath('constructor'))).toEqual([2])
    expect(argTexts(taken(JSON.parse('{"__proto__":"t"}'))).texts).toEqual(['t'])
  })
})

describe('the texts in arguments', () => {
  test('are-all-string-values-at-any-depth-and-no-keys', () => {
    const { texts, opaque } = argTexts(taken({ k: 'a', list: ['b', ['c', { d: 'e', n: 5, t: true, z: null }]] }))
    expect(texts.toSorted()).toEqual(['a', 'b', 'c', 'e'])
    expect(opaque).toBe(false)
  })

  test('hold-dates-as-they-are-written-and-say-that-bytes-cannot-be-read', () => {
    expect(argTexts(taken({ when: new Date(0) }))).toEqual({ texts: ['1970-01-01T00:00:00.000Z'], opaque: false })
    expect(argTexts(taken({ list: [new Uint8Array([1])] }))).toEqual({ texts: [], opaque: true })
  })
})
