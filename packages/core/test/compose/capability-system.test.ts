import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ActionEvent } from '../../src/action/action-event.ts'
import { CapabilitySystem } from '../../src/compose/capability-system.ts'
import { parsePolicyText } from '../../src/policy/load/load-policy.ts'
import { read } from '../runtime/gate.ts'
import { homeIn } from '../support/home-in.ts'
import { scratchFolder } from '../support/scratch.ts'

const TEXT = 'version: 1\nallow: [filesystem.read.workspace]\n'

test('a-policy-from-text-judges-like-the-same-from-a-file', async () => {
  const folder = scratchFolder()
  writeFileSync(join(folder, 'policy.yaml'), TEXT)
  const fromFile = new CapabilitySystem({ machine: homeIn(folder) })
  await fromFile.loadPolicy('policy.yaml') // from the working folder
  const fromText = new CapabilitySystem()
  fromText.usePolicy(await parsePolicyText(TEXT))
  const event = ActionEvent.create(read())
  expect(fromFile.evaluate(event)).toEqual(fromText.evaluate(event))
  expect(fromFile.evaluate(event)).toMatchObject({ decision: 'allow', rule: 'allow[0]' })
  expect(fromFile.explain(event).ruling).toEqual(fromFile.evaluate(event))
  expect(fromFile.policy?.digest).toBe(fromText.policy?.digest)
})

test('without-a-policy-nothing-is-judged-and-a-wrong-one-does-not-load', async () => {
  const folder = scratchFolder()
  const system = new CapabilitySystem({ machine: homeIn(folder) })
  expect(() => system.evaluate(ActionEvent.create(read()))).toThrow(expect.objectContaining({ code: 'POLICY_MISSING' }))
  await expect(system.loadPolicy('missing.yaml')).rejects.toMatchObject({ code: 'POLICY_UNREADABLE' })
  writeFileSync(join(folder, 'wrong.yaml'), 'version: 1\ndeny: [a b]\n')
  await expect(system.loadPolicy('wrong.yaml')).rejects.toMatchObject({ code: 'POLICY_INVALID' })
  expect(system.policy).toBeUndefined()
})
