import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { type Signer, openCapFence } from '@capfence/core'
import { keyPath, readKey } from '@capfence/core/audit'
import { describe, expect, test } from 'vitest'
import { doubts } from '../src/show/doubts.ts'
import { field, marked } from '../src/show/marked.ts'
import { pretty } from '../src/show/pretty.ts'
import { textsIn } from '../src/show/texts.ts'
import { type Site, push, site } from './agent.ts'
import { nodeArguments } from './command.ts'
import { machineOf } from './trail.ts'

describe('marked', () => {
  test('escapes-what-hides-and-counts-long-runs', () => {
    const shown: readonly (readonly [text: string, shown: string])[] = [
      [
        'a\u202eb\u200b\u00a0\u2800\u001b[2J\u{e0041}"\\',
        'a\\u202eb\\u200b\\u00a0\\u2800\\u001b[2J\\udb40\\udc41\\"\\\\',
      ],
      [`rm x${' '.repeat(10_000)}-rf /`, 'rm x⟨10000 × U+0020⟩-rf /'],
      ['\n'.repeat(10_000), '⟨10000 × U+000A⟩'],
      [`a${' \n'.repeat(5000)}b`, 'a⟨5000 × U+0020 U+000A⟩b'],
      [`${'\u200b'.repeat(41)}`, '⟨41 × U+200B⟩'],
      [' '.repeat(40), ' '.repeat(40)],
      ['x'.repeat(41), '⟨41 × U+0078⟩'],
      ['😀'.repeat(41), '⟨41 × U+1F600⟩'],
      // What only looks like a mark is none.
      ['⟨9 × U+0020⟩', '\\u27e89 × U+0020\\u27e9'],
      ['é漢😀', 'é漢😀'],
    ]
    expect(shown.map(([text]) => marked(text))).toEqual(shown.map(([, text]) => text))
  })

  test('is-quick-where-nothing-repeats-and-where-all-does', () => {
    const mixed = Array.from({ length: 100_000 }, (_, index) => String(index)).join(',')
    expect(marked(mixed)).toBe(mixed)
    expect(marked('ab'.repeat(500_000))).toBe('⟨500000 × U+0061 U+0062⟩')
  })

  test('a-field-shows-where-it-begins-and-ends', () => {
    expect(['plain name', ' x', 'x ', 'a  b', '', 'é', '"x"', 'a\\u202e'].map(field)).toEqual([
      'plain name',
      '" x"',
      '"x "',
      '"a  b"',
      '""',
      '"é"',
      '"\\"x\\""',
      '"a\\\\u202e"',
    ])
  })
})

test('pretty-is-json-in-canonical-order', () => {
  const value = { b: [1, { z: null, a: true }], a: {}, '\u20ac': [], ['__proto__']: 'x"y' }
  const text = pretty(JSON.parse(JSON.stringify(value)) as typeof value)
  expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
  expect(
    text
      .split('\n')
      .filter((line) => /^ {2}"/.test(line))
      .map((line) => line.trim().split(':')[0]),
  ).toEqual(['"__proto__"', '"a"', '"b"', '"\u20ac"'])
})

describe('doubts', () => {
  const of = (text: string): string => doubts(textsIn('args', { repo: text })).join('; ')

  test.each([
    ['\u0430dmin', 'args.repo has letters of more than one script: Latin, Cyrillic'],
    ['\u0440\u0430\u0443', 'args.repo has characters that look like ASCII ones and are others'],
    ['\uff52\uff4d', 'args.repo has characters that look like ASCII ones and are others'],
    ['example.com\u2215x', 'args.repo has characters that look like ASCII ones and are others'],
    ['\u0e01 \u0561', 'args.repo has letters of more than one script: Armenian, another script'],
  ])('tells-of: %s', (text, told) => {
    expect(of(text)).toBe(told)
  })

  test.each(['plain', 'Привет мир', '東京タワー', 'naïve café', '😀', 'µ'])('is-silent-about: %s', (text) => {
    expect(of(text)).toBe('')
  })

  test('tells-how-a-long-text-ends-and-where-a-key-is-odd', () => {
    expect(of(`${Array.from({ length: 999 }, (_, index) => String(index)).join(' ')} rm -rf /`)).toMatch(
      /^args\.repo is \d+ characters long, and all of it is above; it ends in ".* 998 rm -rf \/"$/,
    )
    expect(doubts(textsIn('args', { 'k\u202e\u0430a': 1 })).join()).toContain('the name of args["k\\u202e')
    const long = { [`${'abc'.repeat(9)}\u0430${'xyz'.repeat(99_999)}`]: 1 }
    expect(doubts(textsIn('args', long)).join().length).toBeLessThan(600)
    expect(
      doubts(
        textsIn(
          'args',
          Array.from({ length: 99 }, () => '\u0430a'),
        ),
      ).at(-1),
    ).toBe('and 89 more')
  })
})

const HOSTILE = {
  command: `echo ok\u202e${' '.repeat(10_000)}; rm -rf /\u001b[1A\u001b[2K`,
  'zero\u200bwidth': '\u0430dmin',
}

async function asked(place: Site, more: object = {}): Promise<string> {
  const answer = await place.agent().call(push({ args: HOSTILE, actorChain: ['boss > x', 'b'], ...more }))
  return answer.request ?? 'none'
}

describe('what is shown', () => {
  test('hides-no-end-and-moves-no-cursor', async () => {
    const place = site()
    const { code, stdout, stderr } = await place.run('approve', await asked(place, { session: 's  x' }), '--yes')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('"command": "echo ok\\u202e⟨10000 × U+0020⟩; rm -rf /\\u001b[1A\\u001b[2K"')
    expect(stdout).toContain('"zero\\u200bwidth": "')
    expect(stdout).toContain('actor chain   "boss > x" > "b"\n')
    expect(stdout).toContain('session       "s  x"\n')
    expect(stdout).toMatch(
      /\nwarning: args\["zero\\u200bwidth"\] has letters of more than one script: Latin, Cyrillic\n/,
    )
    expect(stdout).toMatch(
      /warning: args\.command is 10\d{3} characters long, .* it ends in ".*rm -rf \/\\u001b\[1A\\u001b\[2K"\n/,
    )
    for (const hidden of ['\u001b', '\u202e', '\u200b', ' '.repeat(100)]) expect(stdout).not.toContain(hidden)
  })

  test('is-an-object-for-programs', async () => {
    const place = site()
    const { stdout } = await place.run('approve', await asked(place), '--yes', '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      state: 'applied',
      statement: { kind: 'approve' },
      request: { capability: 'github.push.main', actor_chain: ['boss > x', 'b'], args: HOSTILE, risk: 'high' },
    })
    expect(stdout).not.toContain('\u202e')
  })

  test('is-what-is-signed', async () => {
    const place = site()
    const [harmless, evil] = [await asked(place, { args: { repo: 'a' } }), await asked(place, { args: { repo: 'b' } })]
    const policy = `${place.folder}/policy.yaml`
    const { approvals, close } = await openCapFence({ policy, db: place.database, machine: machineOf(place.env) })
    const by = await aliceOf(place)
    const shown = await approvals.show(harmless)
    const other = await approvals.show(evil)
    await expect(approvals.approve({ ...shown, request: other.request }, { by })).rejects.toMatchObject({
      code: 'APPROVAL_REFUSED',
    })
    // Between the look and the signature somebody makes the request one for the other action.
    place.sql(`update state set value = replace(value, '${shown.request.digest}', '${other.request.digest}')`)
    await expect(approvals.approve(shown, { by })).rejects.toMatchObject({ code: 'APPROVAL_REFUSED' })
    await close()
  })
})

async function aliceOf(place: Site): Promise<Signer> {
  await place.run('keys', 'init', '--role', 'approver', '--name', 'alice')
  const ports = machineOf(place.env)
  return readKey(ports, keyPath(ports, 'alice'))
}

const SCRIPT = '/usr/bin/script'

// A terminal of its own for the command; types the answer once it is asked.
function atTerminal(
  place: Site,
  args: readonly string[],
  answer: () => Promise<string>,
): Promise<{ code: number | null; text: string }> {
  const line = [process.execPath, ...nodeArguments(args)].map((word) => `'${word}'`).join(' ')
  const child = spawn(SCRIPT, ['-qec', line, '/dev/null'], { cwd: place.folder, env: { ...place.env, TERM: 'xterm' } })
  let text = ''
  let isAsked = false
  child.stdout.setEncoding('utf8').on('data', (more: string) => {
    text += more
    if (isAsked || !text.includes('Approve? [y/N] ')) return
    isAsked = true
    void answer().then((typed) => child.stdin.end(typed))
  })
  return new Promise((resolve) => {
    child.on('close', (code) => {
      resolve({ code, text })
    })
  })
}

describe.skipIf(!existsSync(SCRIPT))('at a terminal', () => {
  test('it-shows-asks-and-signs', async () => {
    const place = site()
    const id = await asked(place)
    const args = ['approve', id, '--db', place.database]
    const no = await atTerminal(place, args, () => Promise.resolve('n\r'))
    expect(no.code).toBe(1)
    expect(no.text).toContain('nothing was signed')
    const nothing = await atTerminal(place, args, () => Promise.resolve('\u0004'))
    expect(nothing.code).toBe(1)
    expect((await place.run('pending', '--json')).stdout).toContain('"signatures":[]')
    expect(existsSync(`${place.folder}/config/capfence/keys/approver.key`)).toBe(false)
    const yes = await atTerminal(place, args, () => Promise.resolve('y\r'))
    expect(yes.code).toBe(0)
    expect(yes.text).toMatch(/rm -rf \/[^]*Approve\? \[y\/N\] [^]*signed/)
  })

  test('what-was-rejected-while-it-asked-is-not-signed', async () => {
    const place = site()
    const id = await asked(place)
    const { code, text } = await atTerminal(place, ['approve', id, '--db', place.database], async () => {
      await place.run('reject', id)
      return 'y\r'
    })
    expect(code).toBe(1)
    expect(text).toContain('the request was rejected')
  })
})
