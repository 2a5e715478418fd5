import { cpSync, existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { afterEach, expect, test } from 'vitest'

const HERE = join(import.meta.dirname, 'readme')
const folder = mkdtempSync(join(realpathSync(tmpdir()), 'capfence-mcp-'))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('the-server-of-the-readme-reads-and-deletes-nothing', { timeout: 60_000 }, async () => {
  cpSync(join(HERE, 'policy.yaml'), join(folder, 'policy.yaml'))
  const client = new Client({ name: 'agent', version: '1' })
  const env = {
    PATH: process.env['PATH'] ?? '',
    CAPFENCE_DB: join(folder, 'capfence.db'),
    XDG_CONFIG_HOME: join(folder, 'config'),
    XDG_STATE_HOME: join(folder, 'state'),
  }
  const args = ['--conditions=@capfence/source', join(HERE, 'server.ts')]
  await client.connect(new StdioClientTransport({ command: process.execPath, args, cwd: folder, env }))
  const named = { arguments: { name: 'a' } }
  expect(await client.callTool({ name: 'read_note', ...named })).toMatchObject({ content: [{ text: 'the note a' }] })
  const refused = await client.callTool({ name: 'delete_note', ...named })
  expect(refused).toMatchObject({ isError: true })
  expect(JSON.stringify(refused)).toContain('notes are kept for a year')
  expect(existsSync(join(folder, 'deleted.txt'))).toBe(false)
  await client.close()
})
