import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test, vi } from 'vitest'
import { httpBack } from '../../src/proxy/http-back.ts'
import { conformanceHttp } from './fixture/conformance-server.ts'
import { proxyGate } from './fixture/gate.ts'
import { httpClient } from './fixture/http-client.ts'
import { listening } from './fixture/sdk-http.ts'

vi.setConfig({ testTimeout: 120_000 })

const SUITE = join(
  dirname(createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/package.json')),
  'dist/index.js',
)

/** How each scenario of the suite ended: `✓ ping: 1 passed, 0 failed`. */
async function scenarios(url: string): Promise<readonly string[]> {
  const run = promisify(execFile)(process.execPath, [SUITE, 'server', '--url', url, '--suite', 'all'], {
    encoding: 'utf8',
  })
  // The suite ends with 1 where a scenario fails.
  const { stdout } = await run.catch((cause: unknown) => cause as { readonly stdout: string })
  return stdout.split('\n').filter((line) => /^[✓✗]/.test(line))
}

test('scenarios-that-pass-without-the-gate-pass-with-it', async () => {
  const bare = await listening(conformanceHttp(() => [bare.url.host]))
  onTestFinished(bare.close)
  const openBack = httpBack({ url: bare.url, headers: {}, maxMessageBytes: 1 << 22 })
  const opened = await proxyGate('version: 1\nallow:\n  - mcp.raw.*\n')
  const { port } = await httpClient({ opened, openBack, isProcess: false, limits: { maxSessions: 64 } })
  const [without, withGate] = await Promise.all([
    scenarios(bare.url.href),
    scenarios(`http://127.0.0.1:${String(port)}/mcp`),
  ])
  expect(without).toHaveLength(32)
  expect(without.filter((line) => !line.startsWith('✓'))).toEqual([])
  expect(withGate).toEqual(without)
})
