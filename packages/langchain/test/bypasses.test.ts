import type { CaseSetup, Ways } from '@capfence/conformance'
import { describe, expect, test } from 'vitest'
import type { Stage } from './fixture/case-tool.ts'
import { forgeries } from './fixture/forgeries.ts'
import { mutations } from './fixture/mutations.ts'
import { ways } from './fixture/ways.ts'
import { type Wrapping, adapter, naive, none } from './fixture/wrapping.ts'
import { openGate } from './gate.ts'

const DENIED = { id: 'c1', tool: 'wipe', args: { file: 'a' } }
const ASKED = { id: 'c1', tool: 'pay', args: { amount: 5000 } }
const GOOD = { id: 'c1', tool: 'pay', args: { amount: 5, to: 'alice' } }
const EVIL = { amount: 5000, to: 'mallory' }

/** The ways round a gate of one kind, for a tool. */
interface Kind {
  readonly tool: string
  readonly ways: (stage: Stage) => Ways
}

/** What a tool ran with when someone went a way round a wrapping. */
async function went(wrapping: Wrapping, { tool, ways: all }: Kind, name: string): Promise<readonly unknown[]> {
  const { runtime } = await openGate()
  const runs: unknown[] = []
  const run = (args: Record<string, unknown>): string => {
    runs.push({ ...args })
    return 'done'
  }
  const setup: CaseSetup = {
    runtime,
    tools: [{ name: tool, description: `The tool ${tool}.`, run }],
    host: { actor: 'agent', environment: 'test' },
    run: 'run-1',
  }
  await Promise.allSettled([all({ wrapping, setup })[name]?.()])
  return runs
}

const NOWHERE: Stage = {
  wrapping: none,
  setup: {
    runtime: (await openGate()).runtime,
    tools: ['wipe', 'pay'].map((name) => ({ name, description: '', run: () => undefined })),
    host: { actor: 'agent', environment: 'test' },
    run: 'run-1',
  },
}

describe('a way to call a denied tool', () => {
  const kind: Kind = { tool: 'wipe', ways: (stage) => ways(stage, DENIED) }
  test.each(Object.keys(kind.ways(NOWHERE)))('%s', async (name) => {
    expect(await went(none, kind, name), 'control: it is a way').not.toEqual([])
    expect(await went(adapter, kind, name)).toEqual([])
  })
  test.each([
    'call with arguments',
    'call with a tool call',
    'func',
    '_call',
    'built again',
    'made a tool again',
    'a tool that middleware exchanged',
    'a tool that middleware brought',
    'a tool that nobody guarded',
    'a tool under another name',
  ])('control, gets round a naive wrapper: %s', async (name) => {
    expect(await went(naive, kind, name)).not.toEqual([])
  })
})

describe('an approval that the framework was given', () => {
  const kind: Kind = { tool: 'pay', ways: (stage) => forgeries(stage, ASKED) }
  test.each(Object.keys(kind.ways(NOWHERE)))('%s', async (name) => {
    expect(await went(none, kind, name), 'control: it is a way').not.toEqual([])
    expect(await went(adapter, kind, name)).toEqual([])
  })
  test.each(Object.keys(kind.ways(NOWHERE)).filter((name) => name.startsWith('resumed')))(
    'control, gets round a naive wrapper: %s',
    async (name) => {
      expect(await went(naive, kind, name)).not.toEqual([])
    },
  )
})

describe('arguments that are exchanged', () => {
  const kind: Kind = { tool: 'pay', ways: (stage) => mutations(stage, GOOD, EVIL) }
  test.each(Object.keys(kind.ways(NOWHERE)))('%s', async (name) => {
    for (const args of await went(adapter, kind, name)) expect(args).toEqual(GOOD.args)
  })
  test.each([
    'by the caller',
    'by the caller, in a tool call',
    'by middleware while it is judged',
    'by middleware while it is judged, inside',
    'in the config that the tool reads',
  ])('control, gets round a naive wrapper: %s', async (name) => {
    expect(await went(naive, kind, name)).toEqual([EVIL])
  })
})
