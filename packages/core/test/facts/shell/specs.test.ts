import { beforeAll, describe, expect, test } from 'vitest'
import type { SpecExample } from '../../../src/facts/shell/program-spec.ts'
import { readShell } from '../../../src/facts/shell/read-shell.ts'
import type { ShellEffectKind, ShellFacts } from '../../../src/facts/shell/shell-facts.ts'
import { loadShellReader, type ShellReader } from '../../../src/facts/shell/shell-reader.ts'
import { PROGRAM_SPECS } from '../../../src/facts/shell/specs/index.ts'

let reader: ShellReader
beforeAll(async () => {
  reader = await loadShellReader()
})

function effectsOf({ commands, effects }: ShellFacts): Map<ShellEffectKind, Set<string>> {
  const found = new Map<ShellEffectKind, Set<string>>()
  for (const effect of [...commands.flatMap((command) => command.effects), ...effects]) {
    const targets = found.get(effect.kind) ?? new Set()
    for (const target of effect.targets) targets.add(target ?? '?')
    found.set(effect.kind, targets)
  }
  return found
}

function holdsTo(example: SpecExample): void {
  const facts = readShell(example.line, reader)
  expect(facts.opaque.length > 0, JSON.stringify(facts.opaque)).toBe(example.opaque === true)
  const found = effectsOf(facts)
  if (example.effects !== undefined) {
    const kinds = example.effects.map((effect) => (typeof effect === 'string' ? effect : effect.kind))
    expect([...found.keys()].toSorted()).toEqual(kinds.toSorted())
  }
  for (const effect of example.effects ?? []) {
    if (typeof effect === 'string') continue
    expect([...(found.get(effect.kind) ?? [])].toSorted()).toEqual([...effect.targets].toSorted())
  }
  const flags = facts.commands.flatMap((command) => [...command.flags])
  for (const flag of example.flags ?? []) expect(flags).toContain(flag)
}

const EXAMPLES = PROGRAM_SPECS.flatMap((spec) => spec.examples.map((example) => ({ name: spec.names[0], example })))

describe('each-example-of-a-program-means-what-its-spec-says', () => {
  test.each(EXAMPLES.map(({ name, example }) => [name, example.line, example] as const))('%s: %s', (_, __, example) =>
    holdsTo(example),
  )
})

describe('the-specs-as-a-whole', () => {
  test('name-each-program-once', () => {
    const names = PROGRAM_SPECS.flatMap((spec) => spec.names)
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
  })

  test('spell-no-option-twice-in-one-command', () => {
    const twice: string[] = []
    for (const spec of PROGRAM_SPECS) {
      const names = (spec.options ?? []).flatMap((option) => option.names)
      twice.push(...names.filter((name, at) => names.indexOf(name) !== at).map((name) => `${spec.names[0]} ${name}`))
    }
    expect(twice).toEqual([])
  })
})

// Lines by which an option, a folder or standard input could hide what happens.
const HIDDEN: readonly (readonly [string, ShellEffectKind])[] = [
  ['gofmt -l -w .', 'fs.write'],
  ['black -l 100 .', 'fs.write'],
  ['wget --spider -O /etc/x a', 'fs.write'],
  ['tar -O -cf /etc/x a', 'fs.write'],
  ['rsync -n --log-file=/etc/x a b', 'fs.write'],
  ['git stash list --output=/etc/x', 'fs.write'],
  ['git log --outp=/etc/x', 'fs.write'],
  ['git restore --staged --worktree a', 'vcs.destructive'],
  ['git push --dry-run --upload-pack=x', 'exec.unknown'],
  ['git diff /dev/null /etc/shadow', 'fs.read'],
  ['echo "BEGIN{system(1)}" | awk -f -', 'code.inline'],
  ['echo "1e id" | sed -f -', 'code.inline'],
  ['sed -e p -e "1e id" a', 'code.inline'],
  ['echo "rm a" | sudo -s', 'fs.delete'],
  ['echo "rm a" | ssh host', 'fs.delete'],
  ['echo "rm a" | chroot /mnt', 'fs.delete'],
  ['pnpm test --help', 'code.local'],
  ['python -Im http.server', 'code.local'],
  ['perl -lane "unlink 1" a', 'code.inline'],
  ['env -iS "rm a"', 'fs.delete'],
  ['xargs -0 -I X -P 4 rm X', 'fs.delete'],
  ['find . -name a -o -exec rm {} +', 'fs.delete'],
  [String.raw`find -L . -okdir unlink {} \;`, 'fs.delete'],
  ['sort -uo/etc/x a', 'fs.write'],
  ['curl -sSo/etc/x a', 'fs.write'],
  ['docker exec -it a sh -c "rm b"', 'fs.delete'],
  ['kubectl -n a exec b -c c -- rm d', 'fs.delete'],
  ['git -c alias.a=b -c core.fsmonitor=./x status', 'code.inline'],
  ['aws --no-cli-pager ec2 terminate-instances --instance-ids a', 'infra.destructive'],
  ['gcloud --project a compute instances delete b -q', 'infra.destructive'],
  ['redis-cli -n 3 fLuShDb', 'db.destructive'],
  ['psql -Atc "select 1; drop table a"', 'db.destructive'],
  ['node --test --import ./x', 'code.local'],
  ['less "+!id" a', 'code.inline'],
  ['ldd ./a', 'code.local'],
  ['jq -n --rawfile a /etc/shadow .', 'fs.read'],
  ['date 01010000', 'priv.change'],
]

describe('hides-nothing-behind-other-words', () => {
  test.each(HIDDEN)('%s', (line, kind) => {
    const facts = readShell(line, reader)
    expect([...effectsOf(facts).keys()]).toContain(kind)
  })
})
