import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ActionRuntime } from '../../src/compose/action-runtime.ts'
import { ApprovalEngine } from '../../src/compose/approval-engine.ts'
import { CapabilitySystem } from '../../src/compose/capability-system.ts'
import { defaultDatabase } from '../../src/compose/default-database.ts'
import { ImmutableAuditTrail } from '../../src/compose/immutable-audit-trail.ts'
import type { Machine } from '../../src/kernel/ports.ts'
import { POLICY, read } from '../runtime/gate.ts'
import { homeIn } from '../support/home-in.ts'
import { scratchFolder } from '../support/scratch.ts'

function inFolder(root: string, folder: string, env: Readonly<Record<string, string>> = {}): Machine {
  const machine = homeIn(root, env)
  return { ...machine, host: { ...machine.host, folder: () => folder } }
}

test('the-default-database-stands-at-the-projects-root', () => {
  const root = scratchFolder()
  const deep = join(root, 'repo/packages/app/src')
  mkdirSync(deep, { recursive: true })
  expect(defaultDatabase(inFolder(root, deep))).toBe(join(deep, '.capfence/capfence.db'))
  writeFileSync(join(root, 'repo/packages/app/package.json'), '{}')
  writeFileSync(join(root, 'repo/package.json'), '{}')
  expect(defaultDatabase(inFolder(root, deep))).toBe(join(root, 'repo/.capfence/capfence.db'))
  writeFileSync(join(root, 'repo/packages/pnpm-workspace.yaml'), '')
  expect(defaultDatabase(inFolder(root, deep))).toBe(join(root, 'repo/packages/.capfence/capfence.db'))
  mkdirSync(join(root, 'repo/.git'))
  expect(defaultDatabase(inFolder(root, deep))).toBe(join(root, 'repo/.capfence/capfence.db'))
  expect(defaultDatabase(inFolder(root, deep, { CAPFENCE_DB: 'own.db' }))).toBe(join(deep, 'own.db'))
})

async function firstVerdict(machine: Machine): Promise<string> {
  const capabilitySystem = new CapabilitySystem({ machine })
  await capabilitySystem.loadPolicy(POLICY)
  const parts = { capabilitySystem, approvalEngine: new ApprovalEngine(), auditTrail: new ImmutableAuditTrail() }
  const runtime = new ActionRuntime({ ...parts, machine })
  const { reason } = await runtime.execute(read())
  await runtime.close()
  return reason.code
}

test('the-default-folder-and-file-are-private-and-ignored-by-git', async () => {
  const root = scratchFolder()
  expect(await firstVerdict(homeIn(root))).toBe('policy_allow')
  const folder = join(root, '.capfence')
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  expect(statSync(join(folder, 'capfence.db')).mode & 0o777).toBe(0o600)
  expect(readFileSync(join(folder, '.gitignore'), 'utf8')).toBe('*\n')
})

test('a-default-folder-that-others-can-write-lets-nothing-run', async () => {
  const root = scratchFolder()
  mkdirSync(join(root, '.capfence'))
  chmodSync(join(root, '.capfence'), 0o777)
  expect(await firstVerdict(homeIn(root))).toBe('fault_engine')
  expect(existsSync(join(root, '.capfence/capfence.db'))).toBe(false)
})

test('a-runtime-touches-nothing-before-its-first-call', () => {
  const root = scratchFolder()
  const machine = homeIn(root)
  const parts = { capabilitySystem: new CapabilitySystem({ machine }), approvalEngine: new ApprovalEngine() }
  expect(new ActionRuntime({ ...parts, auditTrail: new ImmutableAuditTrail(), machine })).toBeDefined()
  expect(existsSync(join(root, '.capfence'))).toBe(false)
})
