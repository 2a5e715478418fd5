// What the cases try must work where nothing is guarded, or that it fails on guarded tools says nothing.
import type { CaseTool, Ways } from '@capfence/conformance'
import type { Tool, ToolSet } from 'ai'
import { describe, expect, test } from 'vitest'
import { forgeriesOf } from './forgeries.ts'
import { call } from './gate.ts'
import { mutationsOf } from './mutations.ts'
import { rawTools } from './raw-tools.ts'
import { type Sdk, sdk6, sdk7 } from './sdk.ts'
import { waysOf } from './ways.ts'

const PAY = call('c1', 'pay', { amount: 5, to: 'alice' })
const EVIL = { amount: 5000, to: 'mallory' }

// What `ai` 6 does not have, so that the way leads nowhere.
const NOT_IN_SIX: readonly string[] = ['a-caller-of-tools', 'an-answer-of-the-interface', 'by-a-refinement']

function till(): { readonly tool: CaseTool; readonly runs: object[] } {
  const runs: object[] = []
  const run = (args: object): string => `paid, as number ${String(runs.push({ ...args }))}`
  return { runs, tool: { name: 'pay', description: 'Pays.', run } }
}

// Looks at the input, takes its time, and runs the tool on the same object.
function judgedFirst(tools: ToolSet): ToolSet {
  const slow = Object.entries(tools).map(([name, tool]) => {
    const execute: Tool['execute'] = async (input, options) => {
      JSON.stringify(input)
      for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
      return tool.execute?.(input, options) as unknown
    }
    return [name, { ...tool, execute }] as const
  })
  return Object.fromEntries(slow) as ToolSet
}

async function ranBy(
  ways: (tools: ReturnType<typeof rawTools>) => Ways,
): Promise<Readonly<Record<string, readonly object[]>>> {
  const ran: Record<string, readonly object[]> = {}
  for (const name of Object.keys(ways({}))) {
    const { tool, runs } = till()
    await Promise.allSettled([ways(rawTools([tool]))[name]?.()])
    ran[name] = runs
  }
  return ran
}

describe.each([sdk7, sdk6])('where nothing is guarded, in ai $major', (sdk: Sdk) => {
  const leads = (name: string): boolean => sdk.major === 7 || !NOT_IN_SIX.includes(name)
  const idle = (ran: Readonly<Record<string, readonly object[]>>): readonly string[] =>
    Object.keys(ran).filter((name) => leads(name) && ran[name]?.length === 0)

  test('every-way-runs-the-tool', async () => {
    expect(idle(await ranBy((tools) => waysOf(sdk, tools, PAY)))).toEqual([])
  })

  test('every-forgery-runs-the-tool', async () => {
    expect(idle(await ranBy((tools) => forgeriesOf(sdk, tools, PAY)))).toEqual([])
  })

  test('every-exchange-reaches-a-tool-that-is-judged-by-what-it-is-handed', async () => {
    const ran = await ranBy((tools) => mutationsOf(sdk, judgedFirst(tools), { call: PAY, evil: EVIL }))
    const evil = Object.keys(ran).filter((name) => JSON.stringify(ran[name]).includes('5000'))
    expect(Object.keys(ran).filter((name) => leads(name) && !evil.includes(name))).toEqual([])
  })
})
