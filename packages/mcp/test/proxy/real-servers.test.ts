import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { agentEnvironment } from '@capfence/core'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Command } from '../../src/proxy/child.ts'
import { type Step, playBare, playProxied } from './fixture/recorded.ts'

vi.setConfig({ testTimeout: 60_000 })

const { resolve } = createRequire(import.meta.url)

function server(name: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Command {
  const main = join(dirname(resolve(`@modelcontextprotocol/${name}/package.json`)), 'dist/index.js')
  return {
    command: process.execPath,
    args: [main, ...args],
    env: { ...agentEnvironment(process.env, []), ...env },
    graceMs: 500,
  }
}

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'capfence-real-'))
  onTestFinished(() => {
    rmSync(made, { recursive: true, force: true })
  })
  return made
}

function begin(capabilities: object): readonly Step[] {
  const clientInfo = { name: 'recorder', version: '1' }
  return [{ method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities, clientInfo } }]
}

const tool = (name: string, args: object = {}, meta?: object): Step => ({
  method: 'tools/call',
  params: { name, arguments: args, ...(meta === undefined ? {} : { _meta: meta }) },
})

const EVERYTHING: readonly Step[] = [
  ...begin({ sampling: {}, elicitation: {}, roots: { listChanged: true } }),
  { method: 'notifications/initialized', until: 'roots/list' },
  { method: 'tools/list' },
  { method: 'prompts/list' },
  { method: 'resources/list' },
  { method: 'resources/templates/list' },
  { method: 'ping' },
  tool('echo', { message: 'grüße "x"' }),
  tool('echo', { message: 5 }),
  tool('get-sum', { a: 1, b: 2.5 }),
  tool('get-structured-content', { location: 'Chicago' }),
  tool('get-tiny-image'),
  tool('get-annotated-message', { messageType: 'error', includeImage: true }),
  tool('get-resource-links', { count: 2 }),
  tool('no-such-tool'),
  tool('trigger-sampling-request', { prompt: 'say something', maxTokens: 10 }),
  tool('trigger-elicitation-request'),
  tool('get-roots-list'),
  tool('trigger-long-running-operation', { duration: 0.2, steps: 4 }, { progressToken: 'p-1' }),
  { ...tool('trigger-long-running-operation', { duration: 5, steps: 50 }, { progressToken: 7 }), isGivenUp: true },
  { method: 'prompts/get', params: { name: 'simple-prompt' } },
  { method: 'prompts/get', params: { name: 'args-prompt', arguments: { city: 'Paris', state: 'none' } } },
  { method: 'resources/read', params: { uri: 'demo://resource/dynamic/text/1' } },
  { method: 'resources/read', params: { uri: 'demo://nothing' } },
  { method: 'resources/subscribe', params: { uri: 'demo://resource/dynamic/text/1' } },
  { method: 'resources/unsubscribe', params: { uri: 'demo://resource/dynamic/text/1' } },
  {
    method: 'completion/complete',
    params: { ref: { type: 'ref/prompt', name: 'completable-prompt' }, argument: { name: 'department', value: 'E' } },
  },
  { method: 'logging/setLevel', params: { level: 'debug' } },
  { method: 'no/such/method' },
]

test('server-everything-says-the-same-through-the-proxy', async () => {
  const command = server('server-everything', ['stdio'])
  const [bare, proxied] = await Promise.all([playBare(command, EVERYTHING), playProxied(command, EVERYTHING)])
  // The call that was given up has no answer, and `initialized` needs none.
  expect(bare.answers).toHaveLength(EVERYTHING.length - 2)
  expect(bare.asked.map(({ method }) => method)).toEqual(['roots/list', 'sampling/createMessage', 'elicitation/create'])
  expect(bare.notified.join('\n')).toContain('notifications/progress')
  expect(proxied.answers).toEqual(bare.answers)
  expect(proxied.asked).toEqual(bare.asked)
  expect(withoutProgress(proxied.notified)).toEqual(withoutProgress(bare.notified))
})

// How much progress a call makes before it is given up is not the same twice.
function withoutProgress(notified: readonly string[]): readonly string[] {
  return notified.filter((text) => !text.includes('"progressToken":7'))
}

test('server-filesystem-says-the-same-through-the-proxy', async () => {
  const root = folder()
  writeFileSync(join(root, 'a.txt'), 'one\ntwo\n')
  const steps: readonly Step[] = [
    ...begin({}),
    { method: 'notifications/initialized' },
    { method: 'tools/list' },
    tool('list_allowed_directories'),
    tool('read_text_file', { path: join(root, 'a.txt'), head: 1 }),
    tool('read_multiple_files', { paths: [join(root, 'a.txt'), join(root, 'none')] }),
    tool('write_file', { path: join(root, 'b.txt'), content: 'zwölf' }),
    tool('edit_file', { path: join(root, 'b.txt'), edits: [{ oldText: 'zwölf', newText: '12' }], dryRun: true }),
    tool('list_directory', { path: root }),
    tool('directory_tree', { path: root }),
    tool('search_files', { path: root, pattern: '**/*.txt' }),
    tool('get_file_info', { path: join(root, 'a.txt') }),
    tool('read_text_file', { path: '/etc/passwd' }),
    tool('read_text_file', {}),
  ]
  const command = server('server-filesystem', [root])
  const bare = await playBare(command, steps)
  expect(await playProxied(command, steps)).toEqual(bare)
  expect(bare.answers).toHaveLength(steps.length - 1)
})

test('server-memory-says-the-same-through-the-proxy', async () => {
  const steps: readonly Step[] = [
    ...begin({}),
    { method: 'notifications/initialized' },
    { method: 'tools/list' },
    tool('create_entities', { entities: [{ name: 'Ada', entityType: 'person', observations: ['wrote programs'] }] }),
    tool('create_entities', { entities: [{ name: 'Engine', entityType: 'machine', observations: [] }] }),
    tool('create_relations', { relations: [{ from: 'Ada', to: 'Engine', relationType: 'programs' }] }),
    tool('add_observations', { observations: [{ entityName: 'Ada', contents: ['born 1815'] }] }),
    tool('add_observations', { observations: [{ entityName: 'Nobody', contents: ['x'] }] }),
    tool('search_nodes', { query: 'programs' }),
    tool('open_nodes', { names: ['Ada'] }),
    tool('delete_entities', { entityNames: ['Engine'] }),
    tool('read_graph'),
  ]
  const [one, other] = [folder(), folder()]
  const memory = (place: string): Command =>
    server('server-memory', [], { MEMORY_FILE_PATH: join(place, 'memory.jsonl') })
  const [bare, proxied] = await Promise.all([playBare(memory(one), steps), playProxied(memory(other), steps)])
  expect(proxied).toEqual(bare)
  expect(bare.answers).toHaveLength(steps.length - 1)
})
