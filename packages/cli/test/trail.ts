import { join } from 'node:path'
import { type ActionEventInit, type Machine, machine, openCapFence } from '@capfence/core'

/** A trail that was written by the real runtime, for a user whose home is a folder of its own. */
export interface MadeTrail {
  readonly database: string
}

/** This machine, but with another home. */
export function machineOf(home: Readonly<Record<string, string>>): Machine {
  const ports = machine()
  return { ...ports, host: { ...ports.host, env: (name) => home[name], home: () => home['HOME'] ?? '/nowhere' } }
}

/** Where a trail is to be made, by which policy, and by a user of which environment. */
export interface TrailSetting {
  readonly folder: string
  readonly policy: string
  readonly env: Readonly<Record<string, string>>
}

/** Executes the events one by one, on the database `trail.db` of the folder. */
export async function makeTrail(setting: TrailSetting, events: readonly unknown[]): Promise<MadeTrail> {
  const database = join(setting.folder, 'trail.db')
  const fence = await openCapFence({ policy: setting.policy, db: database, machine: machineOf(setting.env) })
  // Also what is no event: the runtime records that it refused it.
  for (const event of events) await fence.runtime.execute(event as ActionEventInit)
  await fence.close()
  return { database }
}
