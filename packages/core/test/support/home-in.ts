import { join } from 'node:path'
import { type Machine, machine } from '../../src/kernel/ports.ts'

/** This machine, but with a home, a configuration and a state folder under one folder. */
export function homeIn(folder: string, env: Readonly<Record<string, string>> = {}): Machine {
  const real = machine()
  const own = { XDG_CONFIG_HOME: join(folder, 'config'), XDG_STATE_HOME: join(folder, 'state') }
  const all: Readonly<Record<string, string>> = { ...own, ...env }
  return {
    ...real,
    host: { ...real.host, home: () => folder, folder: () => folder, env: (name) => all[name], warn: () => undefined },
  }
}
