// A file server that was given more than its agent may touch, behind the proxy: one folder and nothing around it. Ends
// with a non-zero exit code where any step differs from the story.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { stage } from '../stage.ts'
import { check, heading, line, tells } from '../story.ts'
import { gateCommand, startHost } from './host.ts'

const { capfence } = stage()
heading('A file server with one folder', 'examples/mcp-filesystem/policy.yaml')

// The machine of the story: /srv/agent is a folder of its own here, and the server may do everything beside it too.
const srv = realpathSync(mkdtempSync(join(tmpdir(), 'capfence-srv-')))
process.on('exit', () => {
  rmSync(srv, { recursive: true, force: true })
})
const agent = join(srv, 'agent')
const secret = join(srv, 'secrets', 'key.txt')
for (const folder of [agent, join(agent, '.git'), join(srv, 'secrets')]) mkdirSync(folder)
writeFileSync(secret, 'the key')
writeFileSync(join(agent, 'notes.txt'), 'buy milk')
writeFileSync(join(agent, '.git', 'HEAD'), 'ref: refs/heads/main')
const policy = join(srv, 'policy.yaml')
const written = readFileSync(join(import.meta.dirname, 'policy.yaml'), 'utf8')
writeFileSync(policy, written.replaceAll('/srv/agent', agent))

const require = createRequire(new URL('../../packages/mcp/package.json', import.meta.url))
const fileServer = '@modelcontextprotocol/server-filesystem'
const server = join(dirname(require.resolve(`${fileServer}/package.json`)), 'dist/index.js')
const pins = join(srv, 'mcp.lock.json')
const behind = ['--server', 'files', '--pins', pins, '--', process.execPath, server, srv]
check(capfence('mcp', 'lock', ...behind).status === 0, 'what the server says of its tools is pinned')

const host = await startHost([...gateCommand(), 'mcp', '--policy', policy, '--actor', 'notes-agent', ...behind])
check((await host.tools()).includes('read_text_file'), 'the tools are listed as ever')

line('Inside its folder the agent works as if nothing stood in between:')
const read = await host.call('read_text_file', { path: join(agent, 'notes.txt') })
check(read.text === 'buy milk', 'the notes are read')
tells({ verb: 'read', what: 'agent/notes.txt', verdict: 'allowed', why: null })
const moved = { source: join(agent, 'notes.txt'), destination: join(agent, 'todo.txt') }
check(!(await host.call('move_file', moved)).isError, 'a file is renamed')
tells({ verb: 'move', what: 'agent/notes.txt → agent/todo.txt', verdict: 'allowed', why: null })

line('Whatever leads out of it is refused, and the server never hears of it:')
// The agent has a shell as well, and makes itself doors.
symlinkSync(join(srv, 'secrets'), join(agent, 'door'))
symlinkSync(secret, join(agent, 'innocent.txt'))
const inside = join(agent, 'todo.txt')
const attacks: readonly (readonly [verb: string, what: string, tool: string, args: object])[] = [
  ['read', 'secrets/key.txt', 'read_text_file', { path: secret }],
  ['read', 'agent/../secrets/key.txt', 'read_text_file', { path: `${agent}/../secrets/key.txt` }],
  ['read', 'agent-2/notes.txt, which begins alike', 'read_text_file', { path: `${agent}-2/notes.txt` }],
  ['read', 'two files, the second outside', 'read_multiple_files', { paths: [inside, secret] }],
  ['read', 'agent/door/key.txt, a link', 'read_text_file', { path: join(agent, 'door', 'key.txt') }],
  ['read', 'agent/innocent.txt, a link', 'read_text_file', { path: join(agent, 'innocent.txt') }],
  ['write', 'agent/door/new.txt, a link', 'write_file', { path: join(agent, 'door', 'new.txt'), content: 'x' }],
  ['move', 'agent/todo.txt → out', 'move_file', { source: inside, destination: join(srv, 'secrets', 'todo.txt') }],
  ['move', 'secrets/key.txt → in', 'move_file', { source: secret, destination: join(agent, 'key.txt') }],
  ['write', 'agent/.git/HEAD', 'write_file', { path: join(agent, '.git', 'HEAD'), content: 'x' }],
  ['tree', 'a tool that the policy does not name', 'directory_tree', { path: agent }],
]
for (const [verb, what, tool, args] of attacks) {
  const { text, isError } = await host.call(tool, args)
  check(isError && text.includes('blocked by CapFence'), `${verb} ${what} is refused`)
  check(!text.includes('the key'), 'nothing of the secret comes back')
  tells({ verb, what, verdict: 'denied', why: /`([\w-]+)`/.exec(text)?.[1] ?? null })
}
check(readFileSync(secret, 'utf8') === 'the key' && existsSync(inside), 'everything is where it was')
check(!existsSync(join(srv, 'secrets', 'new.txt')), 'nothing was written outside')
check((await host.leave()) === 0, 'the proxy ends with its host')

line('Every one of them is on the record:')
const denied = capfence('logs', '--decision', 'deny', '--actor', 'notes-agent', '--json').stdout.trim().split('\n')
check(denied.length === attacks.length, 'each attack left a record')
check(capfence('verify').status === 0, 'the trail verifies')
line('Every step went as told. Next: docs/guides/mcp.md.')
