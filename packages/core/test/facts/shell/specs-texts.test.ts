import { spawnSync } from 'node:child_process'
import { describe, expect, test, vi } from 'vitest'
import type { TextRole } from '../../../src/facts/shell/program-spec.ts'
import { TEXT_READERS } from '../../../src/facts/shell/text-readers.ts'

// It starts a program many times, on machines that may be busy.
vi.setConfig({ testTimeout: 60_000 })

function kinds(role: TextRole, text: string | undefined): readonly string[] {
  const found = TEXT_READERS[role](text)
  return found === 'opaque' ? ['opaque'] : found.map((effect) => effect.kind)
}

const HARMLESS: readonly (readonly [TextRole, string])[] = [
  ['sed', '1,50p'],
  ['sed', '/from/,/to/p'],
  ['sed', 's/[^a-z]*\\/b/[x]/'],
  ['sed', 's|a/b|c/d|g; s#x#y#2I; /^$/d'],
  ['sed', '$!N;/^\\(.*\\)\\n\\1$/!P;D'],
  ['sed', ':a;N;$!ba;s/\\n/ /g'],
  ['sed', '/x/{s/[[:space:]]*$//;q;}'],
  ['sed', '1i\\\nwrite to w and e'],
  ['sed', '2a text; e id'],
  ['sed', 'y/abc/xyz/ # e'],
  ['sed', 's/a/b/w /dev/stdout'],
  ['awk', '{print $1, $NF}'],
  ['awk', '$3 > 100 && $2 ~ /a|b/ { n++ } END { print n / NR }'],
  ['awk', 'BEGIN { FS = "|" } { printf "%s > %s\\n", $1, ($2 > 3 ? "a" : "b") }'],
  ['awk', '{ print (a) / (b) / c }'],
  ['awk', '!seen[$0]++ # a | b > c'],
  ['sql', 'SELECT a, count(*) FROM b WHERE c = 1 GROUP BY a;'],
  ['sql', 'explain select 1'],
  ['sql', '\\dt+ public.*'],
  ['sql', '.schema users'],
  ['git-config', 'user.email=a@b.c'],
  ['git-config', 'core.pager=cat'],
  ['git-config', 'commit.gpgsign=false'],
  ['git-branch', 'feature/a'],
  ['git-branch', 'HEAD~3'],
  ['git-refspec', 'main:main'],
  ['ssh-option', 'StrictHostKeyChecking=no'],
  ['volume', 'named:/data'],
  ['http-method', 'get'],
  ['at-file', 'Accept: text/html'],
  ['test-word', 'a[1]'],
  ['variable', 'LINE'],
]

describe('finds-nothing-in-texts-that-only-filter-or-read', () => {
  test.each(HARMLESS)('%s: %s', (role, text) => expect(kinds(role, text)).toEqual([]))
})

const HARMFUL: readonly (readonly [TextRole, string, readonly string[]])[] = [
  ['sed', '1e id', ['code.inline']],
  ['sed', 'e', ['code.inline']],
  ['sed', 's/a/id/e', ['code.inline']],
  ['sed', 's/a/id/ge;p', ['code.inline']],
  ['sed', 's/[/]/e;e id;/', ['code.inline']],
  ['sed', 's/[^]/]e/x/', ['code.inline']],
  ['sed', '/x/{p;e id\n}', ['code.inline']],
  ['sed', '1,/x/I!e', ['code.inline']],
  ['sed', '\\,x,e id', ['code.inline']],
  ['sed', 'a x\ne id', ['code.inline']],
  ['sed', '}e id', ['code.inline']],
  ['sed', '# c\ne id', ['code.inline']],
  ['sed', ':a e\ne', ['code.inline']],
  ['sed', 'w /etc/x', ['fs.write']],
  ['sed', 's/a/b/w /etc/x', ['fs.write']],
  ['sed', '$r /etc/shadow', ['fs.read']],
  ['sed', 'R a\nW b', ['fs.read', 'fs.write']],
  ['sed', '', ['code.inline']],
  ['sed', 's/a', ['code.inline']],
  ['awk', 'BEGIN{system("id")}', ['code.inline']],
  ['awk', 'BEGIN{"id" | getline x}', ['code.inline']],
  ['awk', '{print > "f"}', ['code.inline']],
  ['awk', '{print(a) >> "f"}', ['code.inline']],
  ['awk', '{print a,\n"b" > "f"}', ['code.inline']],
  ['awk', '{print | "sh"}', ['code.inline']],
  ['awk', '{print |& "sh"}', ['code.inline']],
  ['awk', '/"/ {print > "f"} /"/', ['code.inline']],
  ['awk', 'a /"/; {print > "f"} /"/', ['code.inline']],
  ['awk', '/[/]"/ { print > "f" }', ['code.inline']],
  ['awk', 'BEGIN { f = "id"; @f() }', ['code.inline']],
  ['awk', 'BEGIN { ARGV[1] = "/etc/shadow"; ARGC = 2 }', ['code.inline']],
  ['awk', 'BEGIN { "unterminated }', ['code.inline']],
  ['sql', 'drop table a', ['db.destructive']],
  ['sql', 'select 1; drop table a', ['db.destructive']],
  ['sql', 'SELECT 1 INTO OUTFILE "a"', ['db.destructive']],
  ['sql', 'select my_function()', ['db.destructive']],
  ['sql', 'select s.count(1)', ['db.destructive']],
  ['sql', 'select "f"(1)', ['db.destructive']],
  ['sql', 'select/*!50000 f*/(1)', ['db.destructive']],
  ['sql', 'explain analyze select 1', ['db.destructive']],
  ['sql', 'with a as (delete from b returning *) select * from a', ['db.destructive']],
  ['sql', '\\dt\ndrop table a', ['code.inline']],
  ['sql', '.tables\n.shell id', ['code.inline']],
  ['sql', '\\! id', ['code.inline']],
  ['sql', 'select 1 \\g |id', ['code.inline']],
  ['sql', '.output /etc/x', ['code.inline']],
  ['sql', 'select 1;\nsystem id', ['code.inline']],
  ['git-config', 'core.pager=id', ['code.inline']],
  ['git-config', 'CORE.PAGER=id', ['code.inline']],
  ['git-config', 'core.pager', ['code.inline']],
  ['git-config', 'alias.st=!id', ['code.inline']],
  ['git-config', 'user.name\ncore.pager=id', ['code.inline']],
  ['git-config', 'include.path=x', ['code.inline']],
  ['git-refspec', '+main', ['vcs.destructive']],
  ['git-refspec', ':main', ['vcs.destructive']],
  ['git-branch', 'src/a.ts', ['vcs.destructive']],
  ['git-branch', '.', ['vcs.destructive']],
  ['ssh-option', 'ProxyCommand=id', ['code.inline']],
  ['ssh-option', 'proxycommand id', ['code.inline']],
  ['ssh-option', 'Include x', ['code.inline']],
  ['remote-shell', 'sh -c id', ['code.inline']],
  ['remote-shell', 'ssh -o ProxyCommand=id', ['code.inline']],
  ['remote-shell', 'ssh -F x', ['code.inline']],
  ['remote-shell', 'ssh -4oProxyCommand=id', ['code.inline']],
  ['remote-shell', 'ssh -p 22 -i key', ['net.connect']],
  ['volume', '/:/host', ['fs.read', 'fs.write']],
  ['volume', 'type=bind,src=/etc,dst=/x', ['fs.read', 'fs.write']],
  ['volume', '/var/run/docker.sock:/var/run/docker.sock', ['fs.read', 'fs.write', 'priv.change']],
  ['url', 'file:///etc/shadow', ['fs.read']],
  ['url', 'FILE:/etc/shadow', ['fs.read']],
  ['url', 'ext::sh -c id', ['code.inline']],
  ['data', '@/etc/shadow', ['net.upload', 'fs.read']],
  ['data', 'a=@/etc/shadow', ['net.upload', 'fs.read']],
  ['at-file', '@/etc/shadow', ['net.upload', 'fs.read']],
  ['http-method', 'DELETE', ['net.upload']],
  ['copy-to', 'host:/x', ['net.connect', 'net.upload']],
  ['copy-from', 'host:/x', ['net.connect']],
  ['variable', 'a[$(id)]', ['opaque']],
  ['variable', 'PATH', ['env.hook']],
  ['test-word', 'a[$(id)]', ['opaque']],
  ['test-word', '-v', ['opaque']],
]

describe('finds-what-a-text-can-do', () => {
  test.each(HARMFUL)('%s: %s', (role, text, expected) => expect(kinds(role, text)).toEqual(expected))
})

describe('a-word-that-nobody-can-know', () => {
  const PLAIN_AT_WORST: readonly TextRole[] = ['test-word']

  test.each(Object.keys(TEXT_READERS) as TextRole[])('is-judged-by-the-worst-that-it-could-be: %s', (role) => {
    expect(kinds(role, undefined).length > 0).toBe(!PLAIN_AT_WORST.includes(role))
  })
})

describe('reads-texts-that-are-made-to-take-long', () => {
  const LONG: readonly (readonly [TextRole, string, number])[] = [
    ['awk', `/${'[[:a:]]'.repeat(500)}`, 1],
    ['awk', 'a/b/c '.repeat(600), 1],
    ['awk', '{'.repeat(16_000), 1],
    ['sed', 's/[[:a:]'.repeat(2000), 1],
    ['sed', 'p;'.repeat(8000), 0],
    ['sql', `select ${'a'.repeat(16_000)}`, 0],
    ['sql', `select ${'\n'.repeat(16_000)} 1`, 0],
    ['sql', 'a ('.repeat(5000), 1],
    ['test-word', '['.repeat(16_000), 0],
    ['remote-shell', `ssh${' -p 22'.repeat(2500)}!`, 1],
    ['git-config', `branch.${'.remote'.repeat(2000)}x=1`, 1],
  ]

  test.each(LONG)('%s', (role, text, count) => expect(kinds(role, text)).toHaveLength(count))
})

const HAS_GNU_SED = spawnSync('sed', ['--sandbox', '-n', 'p'], { input: '' }).status === 0

describe.skipIf(!HAS_GNU_SED)('a-script-that-is-judged-harmless', () => {
  const PARTS = [
    's/a/b/',
    's/[a]/e/',
    '/x/',
    '1,2',
    '!',
    'p',
    ';',
    '\n',
    '{',
    '}',
    'a e',
    'i\\\n',
    'e',
    'w',
    'y/e/w/',
    '\\',
    '/',
  ]

  test('runs-in-a-sed-that-refuses-commands-and-files', () => {
    let tried = 0
    for (let index = 0; index < 4000 && tried < 25; index++) {
      const script = [index % 17, (index * 7) % 17, (index * 31 + 5) % 17, Math.floor(index / 17) % 17]
        .map((at) => PARTS[at] ?? '')
        .join('')
      if (kinds('sed', script).length > 0) continue
      tried += 1
      const { stderr } = spawnSync('sed', ['--sandbox', '-n', '-e', script], { input: '', encoding: 'utf8' })
      expect(stderr, script).not.toMatch(/sandbox/u)
    }
    expect(tried).toBe(25)
  })
})
