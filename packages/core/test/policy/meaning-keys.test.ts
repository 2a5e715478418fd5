// The keys of `shell`, against facts made by hand: what the conditions say does not depend on what the reader can read.
import { describe, expect, test } from 'vitest'
import { ActionEvent } from '../../src/action/action-event.ts'
import { capability } from '../../src/action/capability.ts'
import { capabilityPattern } from '../../src/action/pattern.ts'
import type { ToolBinding } from '../../src/action/tool-binding.ts'
import type { ShellCommand, ShellEffect, ShellEffectKind, ShellFacts } from '../../src/facts/shell/shell-facts.ts'
import { readingPlace } from '../../src/policy/bound-facts.ts'
import { compilePolicy } from '../../src/policy/compile.ts'
import type { Condition, Effect, Rule, ShellKeys } from '../../src/policy/model.ts'
import { toolBindings } from '../../src/policy/tool-bindings.ts'

const SPAN = { start: 0, end: 0 }

function effect(kind: ShellEffectKind, ...targets: (string | undefined)[]): ShellEffect {
  return { kind, targets, span: SPAN }
}

function command(program: string | undefined, more: Partial<ShellCommand> = {}): ShellCommand {
  return {
    program,
    isKnown: program !== undefined,
    args: [],
    subcommands: [],
    flags: new Set(),
    hasAllFlags: true,
    effects: [effect('exec')],
    wrappers: [],
    isElsewhere: false,
    span: SPAN,
    ...more,
  }
}

function facts(more: Partial<ShellFacts>): ShellFacts {
  return { commands: [], effects: [], flows: [], opaque: [], words: [], unread: [], argv: undefined, ...more }
}

function ruleOf(effectOfRule: Effect, conditions: readonly Condition[]): Rule {
  const reach = effectOfRule === 'allow' ? 'narrow' : 'wide'
  return {
    id: effectOfRule,
    effect: effectOfRule,
    patterns: [capabilityPattern('shell.exec.*', reach)],
    conditions,
    mode: 'enforce',
    unknown: 'deny',
    reason: undefined,
    approval: { expiresInMs: 600_000, quorum: 1, approvers: [] },
    source: { file: 'x.yaml', line: 1, column: 1 },
  }
}

const TOOL: ToolBinding = { capability: capability('shell.exec.workspace'), command: ['cmd'], cwd: 'dir' }

/** The truth of `shell` with these keys, where it stops and where it lets through. */
function truths(keys: ShellKeys, found: ShellFacts, args: object = { cmd: 'x', dir: '/workspace' }): readonly string[] {
  const tools = new Map([['run', TOOL]])
  const readers = { shell: { line: () => found, argv: () => found }, sql: undefined, links: undefined }
  return (['deny', 'allow'] as const).map((which) => {
    const rules = [ruleOf(which, [{ kind: 'shell', ...keys }])]
    const model = { mode: 'enforce', tools, approvers: undefined, maxPendingPerActor: 100, rules } as const
    const policy = compilePolicy(model, '{}', readingPlace(toolBindings(tools), readers))
    const init = { id: 'e', at: 0, actor: 'a', action: 'exec', resource: 'shell.workspace', environment: 'p' } as const
    const explained = policy.explain(ActionEvent.create({ ...init, risk: 'low', tool: 'run', args }))
    return explained.rules[0]?.truth ?? 'none'
  })
}

const DELETE = command('rm', {
  flags: new Set(['recursive', 'force']),
  effects: [effect('fs.delete', '/workspace/a', '/etc/b')],
})
const READ = command('cat', { effects: [effect('fs.read', '/workspace/a')] })
const OPAQUE = { opaque: [{ why: 'the program is a variable', span: SPAN }] }

describe('what holds of commands', () => {
  test.each<[string, ShellKeys, Partial<ShellFacts>, string, string]>([
    ['an effect', { effects_any: ['fs.delete'] }, { commands: [READ, DELETE] }, 'true', 'false'],
    ['no such effect', { effects_any: ['net.connect'] }, { commands: [READ, DELETE] }, 'false', 'false'],
    ['an effect, in doubt', { effects_any: ['fs.delete'] }, { commands: [READ], ...OPAQUE }, 'unknown', 'false'],
    ['an effect, in spite of doubt', { effects_any: ['fs.delete'] }, { commands: [DELETE], ...OPAQUE }, 'true', 'unknown'],
    ['an effect of the line itself', { effects_any: ['fs.write'] }, { commands: [READ], effects: [effect('fs.write', '/x')] }, 'true', 'false'],
    ['nothing else', { effects_only: ['exec', 'fs.read'] }, { commands: [READ, command('ls')] }, 'true', 'true'],
    ['something else', { effects_only: ['fs.read'] }, { commands: [READ, DELETE] }, 'true', 'false'],
    ['something else of the line', { effects_only: ['fs.read'] }, { commands: [READ], effects: [effect('env.hook')] }, 'true', 'false'],
    ['nothing else, in doubt', { effects_only: ['fs.read'] }, { commands: [READ], ...OPAQUE }, 'true', 'unknown'],
    ['something else, in spite of doubt', { effects_only: ['exec'] }, { commands: [DELETE], ...OPAQUE }, 'unknown', 'false'],
    ['a program that no spec knows', { effects_only: ['exec'] }, { commands: [command('mytool', { isKnown: false })] }, 'false', 'false'],
    ['the same, named', { effects_only: ['exec', 'exec.unknown'] }, { commands: [command('mytool', { isKnown: false })] }, 'true', 'true'],
    ['a command without an effect', { effects_only: ['exec'] }, { commands: [command('true', { effects: [] })] }, 'true', 'true'],
    ['an empty line', { effects_only: ['exec'] }, {}, 'false', 'false'],
    ['a program', { program: ['r*'] }, { commands: [READ, DELETE] }, 'true', 'false'],
    ['a program that nobody knows', { program: ['rm'] }, { commands: [command(undefined)] }, 'unknown', 'unknown'],
    ['a program, by what it came through', { program: ['sudo'] }, { commands: [command('ls', { wrappers: ['sudo'] })] }, 'true', 'false'],
    ['a program, through another', { program: ['ls'] }, { commands: [command('ls', { wrappers: ['sudo'] })] }, 'true', 'false'],
    ['all flags', { flags_all: ['recursive', 'force'] }, { commands: [DELETE] }, 'true', 'true'],
    ['not all flags', { flags_all: ['recursive', 'dry-run'] }, { commands: [DELETE] }, 'false', 'false'],
    ['flags that may be set', { flags_all: ['dir'] }, { commands: [command('rm', { hasAllFlags: false })] }, 'unknown', 'unknown'],
    ['any flag', { flags_any: ['dry-run', 'force'] }, { commands: [DELETE] }, 'true', 'true'],
    ['flags of a program that no spec knows', { flags_any: ['f'] }, { commands: [command('x', { isKnown: false })] }, 'unknown', 'unknown'],
  ])('in-a-deny-means-some-and-in-an-allow-every: %s', (_name, keys, ...[found, wide, narrow]) => {
    expect(truths(keys, facts(found))).toEqual([wide, narrow])
  }) // prettier-ignore

  test('must-hold-together-on-one-command', () => {
    const forced = command('cp', { flags: new Set(['force']), effects: [effect('fs.write', '/x')] })
    const keys: ShellKeys = { program: ['rm'], flags_all: ['force'] }
    const plain = command('rm', { effects: [effect('fs.delete', '/x')] })
    expect(truths(keys, facts({ commands: [forced, plain] }))).toEqual(['false', 'false'])
    expect(truths(keys, facts({ commands: [forced, DELETE] }))).toEqual(['true', 'false'])
  })

  test('is-unknown-without-any-command', () => {
    expect(truths({ effects_any: ['exec'] }, facts({}), { note: 'x' })).toEqual(['unknown', 'unknown'])
    expect(truths({ effects_any: ['exec'] }, facts({}), { cmd: 5 })).toEqual(['unknown', 'unknown'])
  })
})

describe('what commands are done to', () => {
  const under = (...folders: string[]): ShellKeys => ({ targets_under: folders })
  const outside = (...folders: string[]): ShellKeys => ({ targets_outside: folders })
  const rm = (...targets: (string | undefined)[]): ShellCommand =>
    command('rm', { effects: [effect('fs.delete', ...targets)] })

  test.each<[string, ShellKeys, readonly ShellCommand[], string, string]>([
    ['below', under('/etc'), [rm('/etc/x')], 'true', 'true'],
    ['the folder itself', under('/etc'), [rm('/etc/')], 'true', 'true'],
    ['a name that starts alike', under('/etc'), [rm('/etcetera/x')], 'false', 'false'],
    ['round about', under('/etc'), [rm('/workspace/../etc/x')], 'true', 'true'],
    ['one of two', under('/etc'), [DELETE], 'true', 'false'],
    ['one that nobody knows', under('/etc'), [rm('/x', undefined)], 'unknown', 'false'],
    ['relative to the working folder', under('/workspace'), [rm('a/b')], 'true', 'true'],
    ['relative and up', under('/workspace'), [rm('../etc/b')], 'false', 'false'],
    ['relative after a way back', under('/workspace'), [command('popd'), rm('a')], 'unknown', 'unknown'],
    ['below another root', under('/workspace'), [{ ...rm('/workspace/a'), wrappers: ['chroot'] }], 'true', 'unknown'],
    ['relative through a program that may change the folder', under('/workspace'), [{ ...rm('a'), wrappers: ['sudo'] }], 'unknown', 'unknown'],
    ['relative through one that does not', under('/workspace'), [{ ...rm('a'), wrappers: ['timeout'] }], 'true', 'true'],
    ['a home folder', under('/workspace'), [rm('~/x')], 'unknown', 'unknown'],
    ['a variable', under('/workspace'), [rm('$X/x')], 'unknown', 'unknown'],
    ['on another machine', under('/workspace'), [{ ...rm('/workspace/x'), isElsewhere: true }], 'true', 'unknown'],
    ['no target at all', under('/workspace'), [rm()], 'unknown', 'unknown'],
    ['a host', under('/workspace'), [command('curl', { effects: [effect('net.connect', 'example.com')] })], 'false', 'unknown'],
    ['outside', outside('/workspace'), [rm('/etc/x')], 'true', 'true'],
    ['inside', outside('/workspace'), [rm('/workspace/x')], 'false', 'false'],
    ['one outside', outside('/workspace'), [DELETE], 'true', 'false'],
    ['outside in doubt', outside('/workspace'), [rm('/workspace/x', undefined)], 'unknown', 'false'],
  ])('%s', (_name, keys, ...[commands, wide, narrow]) => {
    expect(truths(keys, facts({ commands }))).toEqual([wide, narrow])
  }) // prettier-ignore

  test('counts-the-targets-of-the-named-effects-alone', () => {
    const copy = command('cp', { effects: [effect('fs.read', '/etc/hosts'), effect('fs.write', '/workspace/x')] })
    const keys = (...kinds: ShellEffectKind[]): ShellKeys => ({ effects_any: kinds, targets_under: ['/etc'] })
    expect(truths(keys('fs.write'), facts({ commands: [copy] }))[0]).toBe('false')
    expect(truths(keys('fs.read'), facts({ commands: [copy] }))[0]).toBe('true')
  })

  test('proves-nothing-of-a-command-without-a-path-unless-its-effects-are-bounded', () => {
    const date = facts({ commands: [command('date')] })
    expect(truths(under('/workspace'), date)).toEqual(['false', 'unknown'])
    expect(truths({ effects_only: ['exec'], ...under('/workspace') }, date)).toEqual(['false', 'true'])
  })

  test('is-unknown-beyond-a-thousand-targets', () => {
    const many = Array.from({ length: 1_025 }, (_, index) => `/etc/${String(index)}`)
    expect(truths(under('/etc'), facts({ commands: [rm(...many.slice(1))] }))).toEqual(['true', 'true'])
    expect(truths(under('/etc'), facts({ commands: [rm(...many)] }))).toEqual(['unknown', 'unknown'])
  })

  test('knows-no-relative-path-without-a-working-folder', () => {
    for (const args of [{ cmd: 'x' }, { cmd: 'x', dir: 'sub' }, { cmd: 'x', dir: 5 }]) {
      expect(truths(under('/workspace'), facts({ commands: [rm('a')] }), args)).toEqual(['unknown', 'unknown'])
    }
  })
})
