import * as fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { countNonAscii, foldText, MAX_FOLDED_UNITS, spaceText } from '../../src/facts/text-fold.ts'
import { naiveFold } from '../policy/naive-evaluator.ts'

// Many random cases, on machines that may be busy.
vi.setConfig({ testTimeout: 60_000 })

const tricky = fc.constantFrom('\u0301', '\u0316', '\u200d', '\u00ad', '\ufeff', 'ﬁ', 'ẞ', 'ß', 'İ', 'ı', 'Σ', 'ς', 'ﾞ', 'ｶ', 'ᄀ', 'ᅡ', 'ﾠ', '\u3164', 'K', '\u00a0', '\u0085', '\u2028', '\t', '  ', 'ΐ', 'ﷺ', '½', '\u{1d42b}', '\u{e0041}') // prettier-ignore
const texts = fc.array(fc.oneof(tricky, fc.string({ unit: 'binary', maxLength: 3 }), fc.string({ maxLength: 3 })), {
  maxLength: 8,
})
const text = texts.map((parts) => parts.join('')).filter((joined) => joined.isWellFormed())

describe('folding a text', () => {
  test('is-what-folding-it-again-and-again-comes-to', () => {
    fc.assert(
      fc.property(text, (sample) => {
        expect(foldText(sample)).toBe(naiveFold(sample))
        expect(spaceText(sample)).toBe(naiveFold(sample, 'keep case'))
      }),
      { numRuns: 3000 },
    )
  })

  test('changes-nothing-the-second-time-for-any-character', () => {
    const unstable: string[] = []
    for (let first = 0; first <= 0x10ffff; first += 256) {
      const points = Array.from({ length: 256 }, (_none, index) => first + index).filter(
        (point) => (point & 0xf800) !== 0xd800 || point > 0xffff,
      )
      const folded = foldText(points.map((point) => `a${String.fromCodePoint(point)}\u0301.`).join('')) ?? '?'
      if (foldText(folded) !== folded) unstable.push(first.toString(16))
    }
    expect(unstable).toEqual([])
  })

  test.each([
    ['RM  -RF\t/', 'rm -rf /'],
    ['ＲＭ　－ＲＦ', 'rm -rf'],
    ['r\u200bm\u00a0-\u00adrf', 'rm -rf'],
    ['Straße STRASSE STRAẞE', 'strasse strasse strasse'],
    ['ΣΊΣΥΦΟΣ σίσυφος', 'σίσυφοσ σίσυφοσ'],
    ['ﬁle', 'file'],
    ['e\u200d\u0301', 'é'],
    ['\u212a', 'k'],
    ['a\u0085b\u2028c\r\nd', 'a b c d'],
    ['', ''],
    ['\u0000\u0007', '\u0000\u0007'],
  ])('reads-as-people-do: %j', (sample, folded) => {
    expect(foldText(sample)).toBe(folded)
  })

  test('is-given-up-where-it-would-take-too-long', () => {
    expect(foldText(`a${'\u0301\u0316'.repeat(100)}`)).toBeUndefined()
    expect(foldText(`ｶ${'\uff9e\u0301'.repeat(100)}`)).toBeUndefined()
    expect(foldText(`a${'\u0301\u200b\u0316'.repeat(100)}`)).toBeUndefined()
    expect(foldText('\ufdfa'.repeat(20_000))).toBeUndefined()
    expect(foldText('é'.repeat(MAX_FOLDED_UNITS + 1))).toBeUndefined()
    expect(foldText(`${'a'.repeat(MAX_FOLDED_UNITS)}é`)).toHaveLength(MAX_FOLDED_UNITS + 1)
  })

  test.each([
    ['expanding', '\u3307'],
    ['with marks', 'a\u0301\u0316\u0327'],
    ['Greek', '\u0390'],
    ['ignorable', 'a\u200b'],
    ['far between', `${'a'.repeat(15)}é`],
    ['each on its own', `${'a'.repeat(70)}é`],
    ['Hangul', '\u1100\u1161\u11a8'],
    ['blank', '\u00a0'],
    ['at the longest runs of marks', `a${'\u0301\u0316'.repeat(16)}`],
  ])('stays-quick-at-the-bound: %s', (_name, unit) => {
    const sample = unit.repeat(Math.min(MAX_FOLDED_UNITS / countNonAscii(unit), 1_000_000 / unit.length))
    const startedAt = performance.now()
    expect(foldText(sample)).toBeDefined()
    expect(performance.now() - startedAt).toBeLessThan(1_000)
  })

  test('stays-quick-on-a-megabyte-of-ascii', () => {
    const startedAt = performance.now()
    for (const unit of ['a ', 'A  b', '\t']) expect(foldText(unit.repeat(1_000_000 / unit.length))).toBeDefined()
    expect(performance.now() - startedAt).toBeLessThan(1_000)
  })
})
