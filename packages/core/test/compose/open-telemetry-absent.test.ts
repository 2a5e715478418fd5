import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { POLICY } from '../runtime/gate.ts'
import { start } from '../support/many.ts'

const CORE = join(import.meta.dirname, '../..')
const CHILD = relative(CORE, new URL('telemetry-child.ts', import.meta.url).pathname)

// Core's sources as they are installed elsewhere: with all that they depend on, but without OpenTelemetry.
const folder = mkdtempSync(join(tmpdir(), 'capfence-test-'))
afterAll(() => {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})
for (const path of ['src', 'package.json', CHILD, 'test/support/home-in.ts']) {
  cpSync(join(CORE, path), join(folder, path), { recursive: true })
}
const modules = join(folder, 'node_modules')
const api = join(modules, '@opentelemetry/api')
mkdirSync(modules)
for (const name of readdirSync(join(CORE, 'node_modules'))) {
  if (name !== '@opentelemetry') symlinkSync(join(CORE, 'node_modules', name), join(modules, name), 'junction')
}

async function said(code?: string): Promise<unknown> {
  if (code !== undefined) {
    mkdirSync(api, { recursive: true })
    writeFileSync(join(api, 'package.json'), '{ "name": "@opentelemetry/api", "type": "module", "main": "./index.js" }')
    writeFileSync(join(api, 'index.js'), code)
  }
  return JSON.parse(await start(join(folder, CHILD), [POLICY, folder]).ended)
}

const AS_ALWAYS = { ran: 'ran', refusal: 'CALL_REFUSED', decision: 'allow' }

test('where-opentelemetry-is-missing-nothing-is-told-and-nothing-changes', async () => {
  expect(await said()).toEqual({ ...AS_ALWAYS, faults: [], resolves: false })
})

test.each([
  ['cannot be loaded', 'throw new Error("broken")'],
  ['is no such package', 'export const trace = undefined'],
  ['is of another version', 'export const trace = { getTracer: () => { throw new Error("old") } }'],
])('where-opentelemetry-%s-the-host-is-told-once-and-nothing-changes', async (_how, code) => {
  const faults = [expect.stringContaining('telemetry: ') as string]
  expect(await said(code)).toEqual({ ...AS_ALWAYS, faults, resolves: true })
})

test('an-opentelemetry-that-never-finishes-loading-holds-nothing-up', async () => {
  const found = await said('await new Promise((resolve) => setInterval(resolve, 3_600_000).unref())')
  expect(found).toEqual({ ...AS_ALWAYS, faults: [], resolves: true })
})
