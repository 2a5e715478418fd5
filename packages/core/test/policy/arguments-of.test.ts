import { describe, expect, test } from 'vitest'
import { ActionEvent } from '../../src/action/action-event.ts'
import { capability } from '../../src/action/capability.ts'
import type { ToolBinding } from '../../src/action/tool-binding.ts'
import { argumentsOf, type CommandArgument } from '../../src/policy/arguments-of.ts'

function event(args: unknown): ActionEvent {
  const base = { id: 'event', at: 0, actor: 'agent', environment: 'production', risk: 'high' } as const
  return ActionEvent.create({ ...base, action: 'exec', resource: 'shell.workspace', args })
}

function binding(more: Partial<ToolBinding>): ToolBinding {
  return { capability: capability('shell.exec.workspace'), ...more }
}

const line = (name: string, text: string): CommandArgument => ({ name, value: { kind: 'line', text, shell: 'bash' } })
const argv = (name: string, ...words: string[]): CommandArgument => ({ name, value: { kind: 'argv', argv: words } })
const opaque = (name: string): unknown => ({ name, value: { kind: 'opaque', why: expect.any(String) as unknown } })

describe('commands of an event', () => {
  test.each<[string, unknown, readonly unknown[]]>([
    ['none', { note: 'rm -rf /' }, []],
    ['a line', { command: 'ls -la' }, [line('command', 'ls -la')]],
    ['both names', { command: 'ls', cmd: 'rm' }, [line('command', 'ls'), line('cmd', 'rm')]],
    ['a list of words', { command: ['rm', '-rf', '/'] }, [argv('command', 'rm', '-rf', '/')]],
    ['a program and its words', { command: 'rm', args: ['-rf', '/'] }, [argv('command', 'rm', '-rf', '/')]],
    ['the same under `cmd`', { cmd: 'rm', args: ['-rf'] }, [argv('cmd', 'rm', '-rf')]],
    [
      'two lists, which a tool may join',
      { command: ['sh', '-c'], args: ['rm -rf /'] },
      [argv('command', 'sh', '-c', 'rm -rf /'), argv('command', 'sh', '-c')],
    ],
    [
      'a line beside words, of which a tool may take either',
      { command: 'rm -rf /; ls', args: ['x'] },
      [argv('command', 'rm -rf /; ls', 'x'), line('command', 'rm -rf /; ls')],
    ],
    ['no words', { command: 'ls', args: [] }, [line('command', 'ls')]],
    ['words that are one text', { command: 'rm', args: '-rf /' }, [opaque('command')]],
    ['words that are not all texts', { command: 'rm', args: ['-rf', 1] }, [opaque('command')]],
    ['words by name', { command: 'rm', args: { flag: '-rf' } }, [opaque('command')]],
    ['an empty list', { command: [] }, [opaque('command')]],
    ['a number', { command: 5 }, [opaque('command')]],
    ['null', { command: null }, [opaque('command')]],
    ['an object', { command: { line: 'rm -rf /' } }, [opaque('command')]],
    ['bytes', { command: new Uint8Array([114, 109]) }, [opaque('command')]],
    ['a list of lists', { command: [['rm', '-rf', '/']] }, [opaque('command')]],
    ['another case', { Command: 'rm' }, []],
    ['a prototype', JSON.parse('{"__proto__":{"command":"rm"}}'), []],
  ])('are-read-under-their-default-names: %s', (_name, args, expected) => {
    expect(argumentsOf(event(args), undefined).commands).toEqual(expected)
  })

  test('are-those-that-a-tool-binds-and-no-others', () => {
    const bound = binding({ command: ['script', 'before'], shell: 'zsh' })
    const found = argumentsOf(event({ command: 'ls', script: 'rm', before: 'cd' }), bound)
    expect(found.commands).toEqual([
      { name: 'script', value: { kind: 'line', text: 'rm', shell: 'zsh' } },
      { name: 'before', value: { kind: 'line', text: 'cd', shell: 'zsh' } },
    ])
    expect(found.meant).toEqual(['script', 'before'])
    expect(argumentsOf(event({ script: 'rm' }), bound).commands).toHaveLength(1)
    // Words are for the shell too, which nobody reads.
    expect(argumentsOf(event({ script: ['rm', '-rf'] }), bound).commands).toEqual([
      { name: 'script', value: { kind: 'line', text: 'rm -rf', shell: 'zsh' } },
    ])
    expect(argumentsOf(event({ command: 'ls' }), bound)).toMatchObject({ commands: [], missing: ['command'] })
  })

  test('take-their-words-with-them-so-that-no-text-is-looked-for-there', () => {
    expect(argumentsOf(event({ command: 'rm', args: ['-rf'], note: 'x' }), undefined).meant).toEqual([
      'command',
      'args',
    ])
    const both = binding({ command: ['command', 'args'] })
    expect(argumentsOf(event({ command: 'rm', args: ['-rf'] }), both).commands).toEqual([argv('command', 'rm', '-rf')])
  })
})

describe('texts of an event', () => {
  test('are-read-under-default-names-for-each-kind-that-is-not-bound', () => {
    const args = { path: '/a', file_path: '/b', filename: '/c', url: 'u', uri: 'v', query: 'select 1' }
    const found = argumentsOf(event(args), binding({ path: ['path'] }))
    expect(found.paths).toEqual([{ name: 'path', value: '/a' }])
    expect(found.urls.map(({ name }) => name)).toEqual(['url', 'uri'])
    expect(found.sql).toEqual([])
    expect(argumentsOf(event(args), undefined).paths).toHaveLength(3)
  })

  test.each<[string, unknown, readonly (string | undefined)[]]>([
    ['a list is several', ['/a', '/b'], ['/a', '/b']],
    ['an empty list is one that cannot be read', [], [undefined]],
    ['what is no text cannot be read', 5, [undefined]],
    ['nor what is none in a list', ['/a', null], ['/a', undefined]],
    ['nor a date', new Date(0), [undefined]],
    ['nor null', null, [undefined]],
    ['nor more than a thousand', Array.from({ length: 1_025 }, () => '/a'), [undefined]],
  ])('%s', (_name, value, expected) => {
    expect(argumentsOf(event({ path: value }), undefined).paths.map((each) => each.value)).toEqual(expected)
  })

  test('of-several-bound-names-those-that-are-absent-are-skipped-if-one-is-there', () => {
    const bound = binding({ path: ['from', 'to'], sql: ['query'], dialect: 'postgres', url: ['link'] })
    expect(argumentsOf(event({ to: '/x' }), bound)).toMatchObject({
      paths: [{ name: 'to', value: '/x' }],
      missing: ['sql', 'url'],
    })
    expect(argumentsOf(event({ path: '/x' }), bound).missing).toEqual(['sql', 'path', 'url'])
  })

  test('that-are-sql-are-no-texts-to-look-in', () => {
    const bound = binding({ sql: ['query'], dialect: 'postgres' })
    expect(argumentsOf(event({ query: 'select 1', note: 'x' }), bound).meant).toEqual(['query'])
  })

  test('include-the-working-folder-where-it-is-one', () => {
    const bound = binding({ command: ['cmd'], cwd: 'dir' })
    expect(argumentsOf(event({ cmd: 'ls', dir: '/w' }), bound).cwd).toBe('/w')
    expect(argumentsOf(event({ cmd: 'ls', dir: ['/w'] }), bound).cwd).toBeUndefined()
    expect(argumentsOf(event({ cmd: 'ls' }), bound).cwd).toBeUndefined()
  })
})
