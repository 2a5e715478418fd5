import vm from 'node:vm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalJson } from '../../src/kernel/canonical-json.ts'
import type { Json } from '../../src/kernel/json.ts'
import { MAX_SNAPSHOT_BYTES, rebuild, snapshot } from '../../src/kernel/snapshot.ts'

const nested = (depth: number): unknown => JSON.parse(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`)
const cyclic: Record<string, unknown> = { a: { b: [] } }
cyclic['c'] = [cyclic]
const hostile = (handler: ProxyHandler<object>, target: object = {}): unknown => new Proxy(target, handler)

describe('a snapshot', () => {
  const refused: readonly (readonly [string, unknown, string])[] = [
    ['a function', { run: () => 1 }, 'args.run'],
    ['a symbol', { s: Symbol('x') }, 'args.s'],
    ['a symbol as a key', { [Symbol('x')]: 1 }, 'args'],
    ['a bigint', { n: 1n }, 'args.n'],
    ['NaN', { n: [1, Number.NaN] }, 'args.n[1]'],
    ['Infinity', { n: -Infinity }, 'args.n'],
    ['a cycle', cyclic, 'args.c[0]'],
    ['a sparse array', { list: [1, , 3] }, 'args.list'], // oxlint-disable-line no-sparse-arrays -- what is refused
    ['an undefined item', { list: [1, undefined] }, 'args.list[1]'],
    ['an array with a property', { list: Object.assign([1], { toJSON: 1 }) }, 'args.list'],
    ['a Map', { map: new Map() }, 'args.map'],
    ['a Set', { set: new Set() }, 'args.set'],
    [
      'a class instance',
      {
        at: new (class Point {
          x = 1
        })(),
      },
      'args.at',
    ],
    ['a boxed string', { s: new String('x') }, 'args.s'],
    ['an ArrayBuffer', { b: new ArrayBuffer(2) }, 'args.b'],
    ['another typed array', { b: new Uint16Array(2) }, 'args.b'],
    ['toJSON', { toJSON: () => ({ safe: true }) }, 'args.toJSON'],
    ['a toJSON that is inherited', Object.create({ toJSON: () => 1 }), 'args'],
    [
      'an accessor',
      {
        get amount() {
          return 1
        },
      },
      'args.amount',
    ],
    ['an accessor in an array', Object.defineProperty([1], '0', { get: () => 1 }), 'args[0]'],
    ['a lone surrogate', { s: 'a\ud800b' }, 'args.s'],
    ['a lone surrogate in a key', { 'x\udc00': 1 }, 'args["x'],
    ['the reserved key', { a: { $capfence: 'date', value: 'x' } }, 'args.a'],
    ['an invalid date', { at: new Date(Number.NaN) }, 'args.at'],
    ['a date with a property', { at: Object.assign(new Date(0), { toISOString: 1 }) }, 'args.at'],
    ['depth over 64', nested(65), 'args.a.a'],
    [
      'a proxy that hides a property',
      hostile({ ownKeys: () => ['a'], getOwnPropertyDescriptor: () => undefined }),
      'args.a',
    ],
    [
      'a proxy that throws',
      hostile({
        ownKeys: () => {
          throw new Error('secret')
        },
      }),
      'args',
    ],
    ['a proxy of a date', { at: hostile({}, new Date(0)) }, 'args.at'],
    ['a proxy of bytes', { b: hostile({}, new Uint8Array(2)) }, 'args.b'],
    ['a large text', { s: 'x'.repeat(MAX_SNAPSHOT_BYTES) }, 'args.s'],
    ['a text that is large once it is escaped', { s: '\u0001'.repeat(MAX_SNAPSHOT_BYTES / 5) }, 'args'],
    ['bytes that are too many', { b: new Uint8Array(MAX_SNAPSHOT_BYTES) }, 'args'],
    ['very many small values', { list: Array.from({ length: 600_000 }, () => 1) }, 'args'],
    ['undefined', undefined, 'args'],
  ]
  test.each(refused)('refuses %s, and says where', (_what, value, path) => {
    const take = (): unknown => snapshot(value)
    expect(take).toThrow(expect.objectContaining({ code: 'EVENT_INVALID' }) as Error)
    expect(take).toThrow(`\`${path}`)
    expect(take).not.toThrow('secret')
  })

  test('says-that-a-cycle-is-one', () => {
    expect(() => snapshot(cyclic)).toThrow('`args.c[0]` is a cycle')
  })

  test('stops-at-a-proxy-without-an-end', () => {
    const endless: unknown = new Proxy([], {
      ownKeys: () => ['length'],
      getOwnPropertyDescriptor: (target, key) => Reflect.getOwnPropertyDescriptor(target, key),
    })
    expect(snapshot([endless])).toEqual([[]])
    let depth = 0
    const deeper = (): unknown =>
      new Proxy(
        {},
        {
          ownKeys: () => ['a'],
          getOwnPropertyDescriptor: () => ({ value: (depth++, deeper()), configurable: true, enumerable: true }),
        },
      )
    expect(() => snapshot(deeper())).toThrow(expect.objectContaining({ code: 'EVENT_INVALID' }) as Error)
    expect(depth).toBeLessThan(70)
  })

  test('reads-each-property-once-so-that-a-proxy-cannot-answer-twice', () => {
    let reads = 0
    const changing = new Proxy(
      { command: '' },
      {
        getOwnPropertyDescriptor: () => ({
          value: `answer ${String(++reads)}`,
          configurable: true,
          enumerable: true,
          writable: true,
        }),
        get: () => 'rm -rf /',
      },
    )
    expect(snapshot(changing)).toEqual({ command: 'answer 1' })
    expect(reads).toBe(1)
  })

  test('drops-undefined-properties-and-the-sign-of-zero', () => {
    expect(snapshot({ a: undefined, b: { c: undefined }, d: -0 })).toEqual({ b: {}, d: 0 })
    expect(Object.is((snapshot({ d: -0 }) as Record<string, unknown>)['d'], 0)).toBe(true)
  })

  test('is-deep-frozen-and-shares-nothing-with-the-input', () => {
    const input = { a: [{ b: 1 }], bytes: new Uint8Array([1, 2]) }
    const copy = snapshot(input) as { a: { b: number }[] }
    input.a.push({ b: 2 })
    input.bytes[0] = 9
    expect(copy).toEqual({ a: [{ b: 1 }], bytes: { $capfence: 'bytes', value: 'AQI=' } })
    for (const part of [copy, copy.a, copy.a[0]]) expect(Object.isFrozen(part)).toBe(true)
  })

  test('keeps-names-that-a-prototype-knows-as-data', () => {
    const text = '{"__proto__":{"polluted":true},"constructor":{"prototype":1},"toString":"x","hasOwnProperty":0}'
    const copy = snapshot(JSON.parse(text))
    expect(canonicalJson(copy)).toBe(canonicalJson(JSON.parse(text)))
    const rebuilt = rebuild(copy) as Record<string, unknown>
    expect(canonicalJson(rebuilt)).toBe(canonicalJson(JSON.parse(text)))
    expect(Object.getPrototypeOf(rebuilt)).toBe(Object.prototype)
    expect('polluted' in {} || 'polluted' in rebuilt).toBe(false)
  })

  test('takes-plain-objects-of-another-realm-and-without-a-prototype', () => {
    expect(snapshot(vm.runInNewContext('({ a: [1, { b: null }], at: new Date(0) })'))).toEqual({
      a: [1, { b: null }],
      at: { $capfence: 'date', value: '1970-01-01T00:00:00.000Z' },
    })
    expect(snapshot(Object.assign(Object.create(null), { a: 1 }))).toEqual({ a: 1 })
  })

  test('takes-depth-64-and-the-same-object-twice', () => {
    const shared = { x: 1 }
    expect(snapshot({ a: shared, b: [shared, shared] })).toEqual({ a: { x: 1 }, b: [{ x: 1 }, { x: 1 }] })
    expect(canonicalJson(snapshot(nested(64)))).toHaveLength(64 * 6 + 1)
  })

  test('is-not-fooled-by-methods-that-the-input-brings-along', () => {
    class Bytes extends Uint8Array {
      static get [Symbol.species](): Uint8ArrayConstructor {
        throw new Error('asked')
      }
      override slice(): never {
        throw new Error('asked')
      }
    }
    class Day extends Date {
      override toISOString(): string {
        return 'never'
      }
    }
    expect(snapshot({ b: new Bytes([1]), d: new Day(0) })).toEqual({
      b: { $capfence: 'bytes', value: 'AQ==' },
      d: { $capfence: 'date', value: '1970-01-01T00:00:00.000Z' },
    })
  })

  test('restores-dates-and-bytes-in-a-copy-that-may-be-changed', () => {
    const at = new Date('2026-02-03T04:05:06.789Z')
    const rebuilt = rebuild(snapshot({ at, list: [new Uint8Array([255, 0]), 'x'] })) as { at: Date; list: unknown[] }
    expect(rebuilt).toEqual({ at, list: [new Uint8Array([255, 0]), 'x'] })
    rebuilt.list.push('more')
    expect(rebuilt.list).toHaveLength(3)
  })

  test('refuses-to-rebuild-a-damaged-tag', () => {
    for (const damaged of [
      { $capfence: 'bytes', value: 'A' },
      { $capfence: 'set', value: '' },
      { $capfence: 'date' },
    ]) {
      expect(() => rebuild(damaged as Json)).toThrow(expect.objectContaining({ code: 'EVENT_INVALID' }) as Error)
    }
  })

  test('gives-any-JSON-back-as-it-was', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6, stringUnit: 'grapheme' }), (value) => {
        const plain: unknown = JSON.parse(JSON.stringify(value))
        expect(canonicalJson(rebuild(snapshot(value)))).toBe(canonicalJson(plain))
        expect(canonicalJson(snapshot(value))).toBe(canonicalJson(plain))
      }),
    )
  })
})
