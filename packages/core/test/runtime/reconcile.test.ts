import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import type { Outcome } from '../../src/action/verdict.ts'
import { decodeBody } from '../../src/audit/decode-body.ts'
import { type CapFence, openCapFence } from '../../src/compose/open-capfence.ts'
import { homeIn } from '../support/home-in.ts'
import { start } from '../support/many.ts'
import { scratchFolder } from '../support/scratch.ts'
import { POLICY, read } from './gate.ts'

const CHILD = new URL('orphan-child.ts', import.meta.url).pathname
const TIMES = { renewAfterMs: 100, startWithinMs: 400, deadAfterMs: 500 }
const SAID = { outcome: 'not_executed', reason: 'the bank has no such transfer' } as const

interface Scene {
  readonly home: string
  readonly within: <Value>(use: (fence: CapFence) => Promise<Value>, env?: Record<string, string>) => Promise<Value>
}

/** A process started the tool of the event `lost`, and was killed while it ran. */
async function scene(): Promise<Scene> {
  const home = scratchFolder()
  const { child, ended } = start(CHILD, [home])
  await new Promise((resolve) => child.stdout?.once('data', resolve))
  child.kill('SIGKILL')
  await ended.catch(() => undefined)
  return {
    home,
    within: async (use, env = {}) => {
      const machine = homeIn(home, env)
      const options = { policy: POLICY, db: join(home, 'trail.db'), machine, leaseTimes: TIMES }
      const fence = await openCapFence({ ...options, onFault: () => undefined })
      try {
        return await use(fence)
      } finally {
        await fence.close()
      }
    },
  }
}

const again = (fence: CapFence): Promise<string> =>
  fence.runtime
    .run(read({ id: 'lost' }), () => 'ran')
    .catch((cause: { verdict: { reason: { code: string } } }) => cause.verdict.reason.code)

async function outcomes({ within }: Scene): Promise<readonly (readonly [Outcome, unknown, unknown])[]> {
  return within(async ({ trail }) => {
    const found: (readonly [Outcome, unknown, unknown])[] = []
    for await (const { body: text } of trail.records()) {
      const body = decodeBody(text)
      if (body.kind === 'outcome' && body.event_id === 'lost') found.push([body.outcome, body.by, body.reason])
    }
    return found
  })
}

const dead = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, TIMES.deadAfterMs + 100))

describe('reconcile', () => {
  test('opens-an-identity-again-only-where-nothing-ran', async () => {
    const at = await scene()
    await dead()
    await at.within(async (fence) => {
      // The first call finds the dead writer, and the reaper closes what it left open.
      expect(['outcome_unknown', 'already_executed']).toContain(await again(fence))
    })
    expect(await at.within(again)).toBe('outcome_unknown')
    await at.within(({ trail }) => trail.reconcile({ eventId: 'lost', ...SAID }, { leaseTimes: TIMES }))
    expect(await outcomes(at)).toEqual([
      ['unknown', 'lease', undefined],
      ['not_executed', 'reconcile', SAID.reason],
    ])
    expect(await at.within(again)).toBe('ran')
    expect(await at.within(async ({ trail }) => (await trail.verify()).exitCode)).toBe(0)
  })

  test.each(['succeeded', 'failed'] as const)('keeps-it-closed-where-it-ran: %s', async (outcome) => {
    const at = await scene()
    await dead()
    await at.within(({ trail }) =>
      trail.reconcile({ eventId: 'lost', outcome, reason: 'seen in the mailbox' }, { leaseTimes: TIMES }),
    )
    expect(await outcomes(at)).toEqual([[outcome, 'reconcile', 'seen in the mailbox']])
    expect(await at.within(again)).toBe('already_executed')
    await at.within(async ({ trail }) => {
      await expect(trail.reconcile({ eventId: 'lost', ...SAID }, { leaseTimes: TIMES })).rejects.toMatchObject({
        code: 'REPORT_REFUSED',
      })
      expect((await trail.verify()).exitCode).toBe(0)
    })
  })

  test('waits-for-a-process-that-shows-signs-of-life', async () => {
    const at = await scene()
    await at.within(async ({ trail }) => {
      // By the usual times its minute is not over.
      await expect(trail.reconcile({ eventId: 'lost', ...SAID })).rejects.toMatchObject({ code: 'REPORT_REFUSED' })
    })
    expect(await outcomes(at)).toEqual([])
  })

  test('believes-the-trail-and-not-the-state-beside-it', async () => {
    const at = await scene()
    await dead()
    await at.within(({ trail }) =>
      trail.reconcile({ eventId: 'lost', outcome: 'succeeded', reason: 'it is there' }, { leaseTimes: TIMES }),
    )
    const database = new DatabaseSync(join(at.home, 'trail.db'))
    database.exec(`UPDATE state SET value = replace(value, '"done"', '"unknown"') WHERE key LIKE 'call/%'`)
    database.close()
    await at.within(async ({ trail }) => {
      await expect(trail.reconcile({ eventId: 'lost', ...SAID }, { leaseTimes: TIMES })).rejects.toMatchObject({
        code: 'REPORT_REFUSED',
      })
    })
  })

  test('refuses-agents-unknown-events-and-empty-reasons', async () => {
    const at = await scene()
    const refusals: readonly (readonly [object, string, Record<string, string>?])[] = [
      [{ eventId: 'lost' }, 'APPROVAL_REFUSED', { CAPFENCE_AGENT: '1' }],
      [{ eventId: 'other' }, 'REQUEST_UNKNOWN'],
      [{ eventId: 'denied' }, 'REPORT_REFUSED'],
      [{ eventId: 'lost', reason: '' }, 'OPTION_INVALID'],
      [{ eventId: 'lost', reason: 'a\u202Eb' }, 'OPTION_INVALID'],
      [{ eventId: 'lost', outcome: 'unknown' }, 'OPTION_INVALID'],
    ]
    for (const [said, code, env] of refusals) {
      await at.within(async ({ trail }) => {
        const whole = { ...SAID, ...said } as Parameters<typeof trail.reconcile>[0]
        await expect(trail.reconcile(whole), code).rejects.toMatchObject({ code })
      }, env)
    }
  })
})
