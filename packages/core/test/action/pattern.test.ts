import * as fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { capabilityPattern, covers, globMatches } from '../../src/action/pattern.ts'
import { isCapFenceError } from '../../src/kernel/errors.ts'
import { naiveCovers } from '../policy/naive-evaluator.ts'
import { capabilities, patterns } from '../policy/random-policy.ts'

// Many random cases, on machines that may be busy.
vi.setConfig({ testTimeout: 60_000 })

describe('a pattern', () => {
  test.each([
    ['filesystem.delete.workspace', 'filesystem.delete.workspace', true, true],
    ['filesystem.delete.workspace', 'filesystem.delete.workspace.tmp', false, true],
    ['filesystem.delete.workspace', 'filesystem.delete.workspace2', false, false],
    ['filesystem.delete.*', 'filesystem.delete.a.b.c', true, true],
    ['filesystem.delete.a.*', 'filesystem.delete.a.b', true, true],
    ['filesystem.delete.a.*', 'filesystem.delete.a.b.c', false, true],
    ['filesystem.delete.a.*', 'filesystem.delete.a', false, false],
    ['*.read.prod-*', 'database.read.prod-eu', true, true],
    ['*.read.prod-*', 'database.read.prod-eu.x', false, true],
    ['*.read.prod-*', 'database.read.dev', false, false],
    ['file*.r*d.*', 'filesystem.read.x', true, true],
  ])('%s on %s: narrow %s, wide %s', (pattern, capability, ...[narrow, wide]) => {
    expect(covers(capabilityPattern(pattern, 'narrow'), capability, 'narrow')).toBe(narrow)
    expect(covers(capabilityPattern(pattern, 'wide'), capability, 'wide')).toBe(wide)
  })

  test('fills-what-is-missing-only-where-it-stops', () => {
    expect(capabilityPattern('HTTP', 'wide')).toBe('http.*.*')
    for (const text of ['http', 'http.get']) expect(() => capabilityPattern(text, 'narrow')).toThrow(/allow names/)
  })

  test.each(['', 'a..b', 'a.b.c.', 'a b.c.d', 'a.b.wоrkspace', 'a.b.\u212a', '**.a/b.c'])('is-refused: %j', (text) => {
    expect(() => capabilityPattern(text, 'wide')).toThrow(
      expect.toSatisfy((cause: unknown) => isCapFenceError(cause) && cause.code === 'PATTERN_INVALID'),
    )
  })

  test.each(['narrow', 'wide'] as const)('covers-what-the-specification-says: %s', (reach) => {
    fc.assert(
      fc.property(patterns(reach), capabilities, (text, capability) => {
        const pattern = capabilityPattern(text, reach)
        expect(covers(pattern, capability, reach)).toBe(naiveCovers(pattern, capability, reach === 'narrow'))
      }),
      { numRuns: 2000 },
    )
  })

  test('has-globs-that-match-as-a-regular-expression-would', () => {
    const glob = fc.array(fc.constantFrom('a', 'b', 'ab', '*', '-'), { maxLength: 6 }).map((list) => list.join(''))
    const text = fc.array(fc.constantFrom('a', 'b', '-'), { maxLength: 8 }).map((list) => list.join(''))
    fc.assert(
      fc.property(glob, text, (pattern, sample) => {
        expect(globMatches(pattern, sample)).toBe(new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(sample))
      }),
      { numRuns: 2000 },
    )
  })
})
