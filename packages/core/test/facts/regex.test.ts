import * as fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { MAX_REGEX_WORK, regex } from '../../src/facts/regex.ts'
import { isCapFenceError } from '../../src/kernel/errors.ts'

// Many random cases, on machines that may be busy.
vi.setConfig({ testTimeout: 60_000 })

describe('a pattern', () => {
  test.each(['(?=a)', '(?!a)', '(?<=a)b', '\\1', '(a)\\1', '[0-9', '(', 'a**', 'a{2000}', '\\8', '(?P<a>x)(?P<a>y)'])(
    'that-re2-refuses-is-an-error: %s',
    (pattern) => {
      expect(() => regex(pattern)).toThrow(
        expect.toSatisfy((cause: unknown) => isCapFenceError(cause) && cause.code === 'PATTERN_INVALID'),
      )
    },
  )

  test('agrees-with-the-engine-of-the-language-where-both-can', () => {
    const atom = fc.constantFrom('a', 'b', '[ab]', '.', '\\d', '(?:ab|a)', '(a|b)', '^', '$', '\\b')
    const piece = fc
      .tuple(atom, fc.constantFrom('', '', '?', '*', '+'))
      .map(([part, times]) => (/^[\^$]|\\b/.test(part) ? part : part + times))
    const pattern = fc.array(piece, { minLength: 1, maxLength: 5 }).map((list) => list.join(''))
    const sample = fc.array(fc.constantFrom('a', 'b', '1', ' ', '-'), { maxLength: 8 }).map((list) => list.join(''))
    fc.assert(
      fc.property(pattern, sample, (source, text) => {
        const compiled = regex(source)
        expect(compiled.search(text)).toBe(new RegExp(source, 'u').test(text))
        expect(compiled.matchesWhole(text)).toBe(new RegExp(`^(?:${source})$`, 'u').test(text))
      }),
      { numRuns: 3000 },
    )
  })

  test('matches-the-whole-text-by-any-alternative', () => {
    expect(regex('a|ab').matchesWhole('ab')).toBe(true)
    expect(regex('(?m)^a$').matchesWhole('a\nb')).toBe(false)
    expect(regex('.*').matchesWhole('a\n')).toBe(false)
    expect(regex('a$').matchesWhole('a\n')).toBe(false)
  })

  test('is-unknown-beyond-its-bound-of-work', () => {
    const blanks = regex('\\s+$')
    const most = Math.floor(MAX_REGEX_WORK / blanks.size)
    expect(blanks.search(' '.repeat(most))).toBe(true)
    expect(blanks.search(' '.repeat(most + 1))).toBeUndefined()
    expect(blanks.matchesWhole(' '.repeat(most + 1))).toBeUndefined()
  })

  test.each([
    '\\s+$',
    '(a+)+$',
    '(x+x+)+y',
    '^(a|aa)+$',
    '(.*)(.*)(.*)(.*)(.*)$',
    '[ab]*a[ab]{12}c',
    '(?i)(k|s|ſ)*$',
    '(a?){30}a{30}b',
    '\\p{L}*\\p{N}',
  ])('stays-quick-at-its-bound: %s', (pattern) => {
    const compiled = regex(pattern)
    const startedAt = performance.now()
    for (const unit of ['a', ' ', 'ab', 'x', 'é', '\u{1d42b}', 'abba']) {
      const text = unit.repeat(Math.floor(MAX_REGEX_WORK / compiled.size / unit.length) - 1) + '!'
      expect(compiled.search(text)).toBeDefined()
      expect(compiled.matchesWhole(text)).toBeDefined()
    }
    expect(performance.now() - startedAt).toBeLessThan(5_000)
  })
})
