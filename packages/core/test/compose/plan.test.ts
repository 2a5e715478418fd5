import { mkdirSync, realpathSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Plan } from '../../src/action/plan.ts'
import { currentPlan } from '../../src/compose/call-chain.ts'
import { execPlan } from '../../src/compose/exec-plan.ts'
import { guard } from '../../src/compose/guard.ts'
import { type CapFence, openCapFence } from '../../src/compose/open-capfence.ts'
import { ed25519Signer } from '../../src/kernel/ed25519.ts'
import type { JsonObject } from '../../src/kernel/json.ts'
import { homeIn } from '../support/home-in.ts'
import { scratchFolder } from '../support/scratch.ts'

const alice = ed25519Signer('alice', new Uint8Array(32).fill(1))
const POLICY = `version: 1
approvers: { alice: ${alice.vkey} }
tools:
  sh: { capability: shell.exec.workspace, command: cmd }
  read: { capability: filesystem.read.workspace, path: [path, also], root: /ROOT/ws }
  write: { capability: filesystem.write.workspace, path: path, root: /ROOT/ws }
  get: { capability: http.get.web, url: url }
deny:
  - { id: stays-inside, capability: filesystem.*.*, path: { outside: [/ROOT/ws] } }
require_approval:
  - { id: ask-to-write, capability: filesystem.write.* }
  - { id: ask-to-delete, capability: shell.exec.*, shell: { effects_any: [fs.delete] } }
allow: [shell.exec.workspace, filesystem.read.workspace, http.get.web]
`
const CALL = { adapter: 'test', actor: 'agent', environment: 'test', risk: 'low' } as const

async function bench(): Promise<
  CapFence & { folder: string; plan: (tool: string, args: JsonObject) => Promise<unknown> }
> {
  const folder = realpathSync(scratchFolder())
  mkdirSync(join(folder, 'ws/sub'), { recursive: true })
  mkdirSync(join(folder, 'out'))
  writeFileSync(join(folder, 'policy.yaml'), POLICY.replaceAll('/ROOT', folder))
  const fence = await openCapFence({
    policy: join(folder, 'policy.yaml'),
    db: join(folder, 'trail.db'),
    machine: homeIn(folder),
  })
  onTestFinished(fence.close)
  const plan = (tool: string, args: JsonObject): Promise<unknown> =>
    guard(fence.runtime, { ...CALL, tool, args }, (_args, context) => context.plan)
  return { ...fence, folder, plan }
}

test('a-tool-is-handed-what-was-judged-in-the-form-in-which-it-should-run', async () => {
  const { plan, folder } = await bench()
  symlinkSync(join(folder, 'ws/sub'), join(folder, 'ws/link'))
  expect(await plan('sh', { cmd: `grep -n 'a b' "x y"` })).toEqual({ argv: ['grep', '-n', 'a b', 'x y'] })
  expect(await plan('sh', { cmd: 'cat a | wc -l' })).toBeUndefined()
  expect(await plan('read', { path: 'link/./x', also: ['a', 'sub'] })).toEqual({
    paths: { path: join(folder, 'ws/sub/x'), also: [join(folder, 'ws/a'), join(folder, 'ws/sub')] },
  })
  expect(await plan('get', { url: 'HTTP://Example.ORG:80/a/../b' })).toEqual({ urls: { url: 'http://example.org/b' } })
  expect(await plan('sh', { cmd: 'eval "$X"' }).catch((cause: unknown) => cause)).toMatchObject({
    verdict: { reason: { code: 'policy_ask_unknown' } },
  })
})

test('what-runs-of-a-plan-is-what-was-judged', async () => {
  const { runtime } = await bench()
  const { stdout } = await guard(
    runtime,
    { ...CALL, tool: 'sh', args: { cmd: `basename '/x/$HOME  a'` } },
    (_, { plan }) => execPlan(plan),
  )
  expect(stdout).toBe('$HOME  a\n')
})

test('a-tool-that-a-framework-calls-finds-its-own-plan', async () => {
  const { runtime } = await bench()
  const inner = (): Promise<unknown> =>
    guard(runtime, { ...CALL, tool: 'get', args: { url: 'http://example.org' } }, async () => {
      await Promise.resolve()
      return currentPlan()
    })
  const [own, other, after] = await guard(runtime, { ...CALL, tool: 'sh', args: { cmd: 'ls -l' } }, async () => {
    const before = currentPlan()
    return [before, await inner(), currentPlan()]
  })
  expect(own).toEqual({ argv: ['ls', '-l'] })
  expect(other).toEqual({ urls: { url: 'http://example.org/' } })
  expect(after).toEqual(own)
  expect(currentPlan()).toBeUndefined()
})

test('an-approval-is-for-the-plan-that-was-shown-and-for-no-other', async () => {
  const { runtime, approvals, folder } = await bench()
  const call = { ...CALL, tool: 'write', args: { path: 'door/x' } }
  const door = join(folder, 'ws/door')
  mkdirSync(join(folder, 'ws/inner'))
  symlinkSync(join(folder, 'ws/inner'), door)
  const asked = await guard(runtime, call, () => 'ran').catch((cause: unknown) => cause)
  const { verdict } = asked as { verdict: { approval: { requestId: string } } }
  const shown = await approvals.show(verdict.approval.requestId)
  expect(shown.plan).toEqual({ paths: { path: join(folder, 'ws/inner/x') } })
  expect(shown.facts).toEqual({ path: ['resolved'] })
  await approvals.approve(shown, { by: alice })
  // The agent turns the link to another folder, still inside, between the yes and the call.
  unlinkSync(door)
  symlinkSync(join(folder, 'ws/sub'), door)
  const again = await guard(runtime, call, () => 'ran').catch((cause: unknown) => cause)
  expect(again).toMatchObject({ verdict: { decision: 'require_approval' } })
  unlinkSync(door)
  symlinkSync(join(folder, 'ws/inner'), door)
  expect(await guard(runtime, call, () => 'ran')).toBe('ran')
  unlinkSync(door)
  symlinkSync(join(folder, 'out'), door)
  expect(await guard(runtime, call, () => 'ran').catch((cause: unknown) => cause)).toMatchObject({
    verdict: { decision: 'deny', reason: { code: 'policy_deny' } },
  })
})

test('a-tool-gets-the-place-that-was-judged-also-where-a-link-is-turned-meanwhile', async () => {
  const { runtime, folder } = await bench()
  const door = join(folder, 'ws/door')
  symlinkSync(join(folder, 'ws/sub'), door)
  const handed = guard(runtime, { ...CALL, tool: 'read', args: { path: 'door/x' } }, (_, { plan }) => plan)
  unlinkSync(door)
  symlinkSync(join(folder, 'out'), door)
  const paths: Plan['paths'] = { path: join(folder, 'ws/sub/x') }
  expect(await handed).toEqual({ paths })
})
