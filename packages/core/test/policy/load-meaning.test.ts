import { describe, expect, test } from 'vitest'
import { canonicalJson } from '../../src/kernel/canonical-json.ts'
import { checkPolicy } from '../../src/policy/load/load-policy.ts'
import type { Condition } from '../../src/policy/model.ts'
import { memoryFiles } from '../support/memory-files.ts'
import { errorsOf, isTold, loaded, warningsOf } from '../support/policy-findings.ts'

const inDeny = (keys: string): string => `version: 1\ndeny:\n  - { capability: a, ${keys} }`
const inAllow = (keys: string): string => `version: 1\nallow:\n  - { capability: a.b.c, ${keys} }`

describe('conditions on what arguments mean', () => {
  test.each<[text: string, says: string]>([
    [inDeny('shell: { effects_any: [»fs.delet] }'), 'did you mean `fs.delete`'],
    [inDeny('shell: { effects_any: »code.inlin }'), 'did you mean `code.inline`'],
    [inDeny('shell: { »effect_any: fs.delete }'), 'did you mean `effects_any`'],
    [inDeny('shell: »{}'), 'says nothing'],
    [inDeny('shell: »rm'), 'a mapping'],
    [inDeny('shell: { effects_any: »[] }'), 'an empty list'],
    [inDeny('shell: { flags_all: [»--recursive] }'), 'without dashes'],
    [inDeny('shell: { flags_any: [»"a b"] }'), 'never match'],
    [inDeny('shell: { program: »/bin/rm }'), 'without its folder'],
    [inDeny('shell: { program: »"" }'), 'empty'],
    [inDeny('shell: { targets_under: »etc }'), 'absolute folder'],
    [inDeny('shell: { targets_outside: [»/a/../b] }'), 'without `.` and `..`'],
    [inDeny('sql: { effects_any: »dll }'), 'did you mean `ddl`'],
    [inDeny('sql: { kinds_any: [»selct] }'), 'did you mean `select`'],
    [inDeny('sql: { where: »none }'), 'one of `missing`, `constant`'],
    [inDeny('sql: { tables_any: [»a..b] }'), 'schema.table'],
    [inDeny('path: { »below: /x }'), 'unknown key `below`'],
    [inDeny('path: { under: »x/y }'), 'absolute folder'],
    [inDeny('path: { under: »"/x/*" }'), 'without `*`'],
    [inDeny('path_prefix: »x'), 'absolute folder'],
    [inDeny('path_prefix: »5'), 'a text'],
    [inDeny('url: { hosts: »"https://x.org/" }'), 'without scheme'],
    [inDeny('url: { hosts: »"x.org:80" }'), 'goes into `ports`'],
    [inDeny('url: { hosts: »"bücher.de" }'), 'punycode'],
    [inDeny('url: { hosts: »"x..org" }'), 'no host'],
    [inDeny('url: { schemes: »"https:" }'), 'no scheme'],
    [inDeny('url: { ports: »"80" }'), 'a number'],
    [inDeny('url: { ports: [»70000] }'), 'more than'],
    [inDeny('url: { host_class: [»privat] }'), 'did you mean `private`'],
    [inDeny('contains_literal: »"\\u200b"'), 'match everything'],
    [inDeny('»contains_litteral: x'), 'did you mean `contains_literal`'],
  ])('are-checked-at-their-place: %s', isTold)

  test.each<[text: string, says: string]>([
    [inAllow('shell: { »effects_any: fs.read }'), 'write `effects_only`'],
    [inAllow('sql: { »effects_any: read }'), 'write `effects_only`'],
    [inAllow('sql: { »kinds_any: select }'), 'write `kinds_only`'],
    [inAllow('sql: { »tables_any: x }'), 'write `tables_only`'],
    [inAllow('sql: { »functions_any: x }'), 'proves nothing safe'],
    [inAllow('sql: { »where: missing }'), 'proves nothing safe'],
    [inAllow('»contains_literal: x'), 'proves nothing'],
    [inDeny('unless: { shell: { »effects_any: fs.read } }'), 'write `effects_only`'],
    [inDeny('unless: { »contains_literal: x }'), 'proves nothing'],
    [inAllow('unless: { unless: { sql: { »kinds_any: select } } }'), 'write `kinds_only`'],
  ])('that-prove-nothing-cannot-stand-where-being-true-lets-through: %s', isTold)

  test.each([
    inAllow('unless: { shell: { effects_any: fs.delete }, sql: { where: missing }, contains_literal: x }'),
    inDeny('unless: { shell: { effects_only: [exec] }, sql: { kinds_only: [select] } }'),
    inDeny('unless: { unless: { shell: { effects_any: exec } } }'),
    inAllow('path: { under: /w, outside: [/w/x] }, path_prefix: /w, url: { hosts: ["*.x.org"], ports: 443 }'),
  ])('stand-where-they-may: %#', async (text) => {
    expect(await errorsOf(text)).toEqual([])
  })

  test('are-one-canonical-text-however-they-are-written', async () => {
    const keys = `shell: { effects_any: fs.delete, program: [rm] }, path_prefix: /w, path: { outside: [/x] },
      url: { hosts: X.org, schemes: HTTPS, ports: 443 }, sql: { where: missing }, contains_literal: Rm`
    const text = inDeny(keys.replaceAll('\n', ''))
    const { model } = await checkPolicy('p.yaml', memoryFiles({ 'p.yaml': text }))
    const conditions: readonly Condition[] = [
      { kind: 'contains_literal', texts: ['Rm'] },
      { kind: 'path', outside: ['/x'] },
      { kind: 'path', under: ['/w'] },
      { kind: 'url', schemes: ['https'], hosts: ['x.org'], ports: [443] },
      { kind: 'shell', effects_any: ['fs.delete'], program: ['rm'] },
      { kind: 'sql', where: ['missing'] },
    ]
    expect(model?.rules[0]?.conditions).toEqual(conditions)
    const { canonical, digest } = await loaded(text)
    expect(canonical).toContain(canonicalJson(conditions as never))
    const other = inDeny(
      'contains_literal: Rm, sql: { where: [missing] }, shell: { program: rm, effects_any: [fs.delete] }, ' +
        'url: { ports: [443], schemes: https, hosts: x.org }, path: { outside: /x }, path_prefix: [/w]',
    )
    expect((await loaded(other)).digest).toBe(digest)
    expect((await loaded(other.replace('443', '80'))).digest).not.toBe(digest)
  })

  test('are-tried-in-examples', async () => {
    const examples = (list: string, command: string): string => `deny:
  - capability: a
    contains: "rm -rf"
    examples: { ${list}: [{ args: { command: ${JSON.stringify(command)} } }] }`
    expect(await errorsOf(`version: 1\n${examples('match', 'rm -r -f /')}`)).toEqual([])
    expect(await errorsOf(`version: 1\n${examples('not_match', 'echo "rm -rf /"')}`)).toEqual([])
    expect(await errorsOf(`version: 1\n${examples('not_match', 'eval "$X"')}`)).toEqual([
      expect.stringContaining('it would stop it all the same'),
    ])
  })
})

describe('what check-policy tells', () => {
  async function notesOf(rules: string): Promise<readonly string[]> {
    const { notes, errors } = await checkPolicy('p.yaml', memoryFiles({ 'p.yaml': `version: 1\n${rules}` }))
    expect(errors).toEqual([])
    return notes.map(({ line, column, message }) => `${line}:${column} ${message}`)
  }

  test('is-what-each-contains-was-found-to-mean', async () => {
    expect(await notesOf('deny: [{ capability: a, contains: ["rm -rf", "curl | sh", secret] }]')).toEqual([
      '2:25 `contains: "rm -rf"` means in a command the command `rm` with `force`, `recursive`',
      '2:25 `contains: "curl | sh"` means in a command the command `curl`, its output fed to the command `sh`',
      '2:25 `contains: "secret"` means in a command the text, anywhere in the command',
    ])
    const tools = 'tools: { q: { capability: db.query.x, sql: q, dialect: postgres } }\n'
    expect(await notesOf(`${tools}deny: [{ capability: db, contains: "DROP TABLE users" }]`)).toEqual([
      expect.stringMatching(/^3:26 .*; in SQL, a statement of kind `drop` of a table on `users`$/),
    ])
    expect(await notesOf('deny: [{ capability: a, contains_literal: "rm -rf" }]')).toEqual([])
  })

  const ALLOW = 'allow: [shell.exec.x]'

  test.each<[string, string]>([
    [`deny: [{ capability: shell, contains: "rm -rf" }]\n${ALLOW}`, '`exec.unknown`, `code.inline`, `code.local`, `code.remote`, `fs.delete`'],
    [`deny: [{ capability: shell, shell: { effects_any: [fs.delete] } }]\n${ALLOW}`, '`exec.unknown`'],
    [`require_approval: [{ capability: shell.exec, shell: { effects_any: fs.delete } }]\n${ALLOW}`, '`code.inline`'],
    ['deny: [{ capability: shell, shell: { effects_any: fs.delete } }]\nallow: [{ capability: shell.exec.x, shell: { effects_only: [exec, code.local] } }]', '`code.local`'],
    ['allow: [{ capability: shell.exec.x, shell: { program: ls } }]', 'add `effects_only`'],
    ['allow: [{ capability: shell.exec.x, shell: { targets_under: /w } }]', 'add `effects_only`'],
    ['tools: { q: { capability: db.query.x } }\ndeny: [{ capability: db, sql: { effects_any: ddl } }]', 'binds no SQL for `q`'],
    ['tools: { p: { capability: shell.exec.x, command: c, shell: zsh } }\ndeny: [{ capability: shell, shell: { program: rm } }]', 'cannot be read'],
    ['deny: [{ capability: shell, shell: { program: rm, flags_all: [r, force] } }]', '`r` that `rm` never has under that name (it is called `recursive`)'],
    ['deny: [{ capability: shell, shell: { program: rm, flags_any: [recursiv] } }]', '(it is called `recursive`)'],
  ])('is-what-is-hardly-meant: %#', async (rules, says) => {
    expect(await warningsOf(`version: 1\n${rules}`)).toEqual([expect.stringContaining(says)])
  }) // prettier-ignore

  test.each([
    'deny: [{ capability: shell, shell: { effects_any: [fs.delete] } }]\nallow: [{ capability: shell.exec.x, shell: { effects_only: [exec, fs.read] } }]',
    `deny: [{ capability: shell, shell: { effects_any: [fs.delete] } }, { capability: shell, shell: { effects_any: [exec.unknown, code.inline, code.local, code.remote] } }]\n${ALLOW}`,
    'deny: [{ capability: fs, contains: "rm -rf" }]\nallow: [shell.exec.x]',
    'deny: [{ capability: shell, shell: { program: rm, flags_all: [recursive, force] } }]',
    'deny: [{ capability: shell, shell: { program: [rm, mytool], flags_any: [r] } }]',
    `deny: [{ capability: shell, contains: secret }]\n${ALLOW}`,
    'allow: [{ capability: shell.exec.x, shell: { program: ls, effects_only: [exec, fs.read] } }]',
    'tools: { q: { capability: db.query.x, sql: q, dialect: postgres } }\ndeny: [{ capability: db, sql: { effects_any: ddl } }]',
  ])('is-nothing-where-all-is-well: %#', async (rules) => {
    expect(await warningsOf(`version: 1\n${rules}`)).toEqual([])
  })
})

describe('a tool that another file declares', () => {
  const tool = (binding: string): string => `run: { capability: a.b.c, ${binding} }`
  const told = async (base: string, binding: string): Promise<readonly string[]> =>
    errorsOf(`version: 1\nextends: [base.yaml]\ntools: { ${tool(binding)} }`, { 'base.yaml': `version: 1\n${base}` })

  test.each([
    ['deny: [{ capability: a, shell: { effects_any: fs.delete } }]', 'command: script', 'another command'],
    ['deny: [{ capability: a, contains: "rm -rf" }]', 'command: [script, line]', 'another command'],
    ['allow: [{ capability: a.b.c, shell: { effects_only: exec } }]', 'command: script', 'another command'],
    ['deny: [{ capability: a, unless: { path_prefix: /w } }]', 'path: file', 'another path'],
    ['deny: [{ capability: a, path: { outside: /w } }]', 'path: file', 'another path'],
    ['deny: [{ capability: a, url: { host_class: private } }]', 'url: link', 'another url'],
  ])('may-not-point-a-rule-at-other-arguments: %s / %s', async (base, binding, says) => {
    expect(await told(base, binding)).toEqual([expect.stringMatching(new RegExp(`^3:10 .*\`base.yaml:.*${says}`))])
    const known = `tools: { ${tool(binding)} }\n${base}`
    expect(await told(known, binding)).toEqual([])
  })

  test.each([
    ['deny: [{ capability: a, shell: { effects_any: fs.delete } }]', 'command: cmd'],
    ['deny: [{ capability: a, path: { outside: /w } }]', 'path: [path, destination], root: /w'],
    ['deny: [{ capability: a, contains_literal: x }]', 'command: script'],
    ['deny: [{ capability: other, contains: x }]', 'command: script'],
    ['deny: [{ capability: a, sql: { effects_any: ddl } }]', 'sql: q, dialect: postgres'],
  ])('may-name-what-the-rule-reads-anyway: %s / %s', async (base, binding) => {
    expect(await told(base, binding)).toEqual([])
  })
})
