/** What an agent's child is told of the machine: enough to run, nothing that anyone put there for someone else. */
const KEPT = new Set(['PATH', 'HOME', 'LANG', 'LANGUAGE', 'TZ', 'TMPDIR', 'USER', 'LOGNAME', 'SHELL', 'TERM'])
const KEPT_PREFIXES = ['LC_', 'XDG_']
// Windows starts next to nothing without these.
const KEPT_ON_WINDOWS = new Set(
  (
    'APPDATA HOMEDRIVE HOMEPATH LOCALAPPDATA PATHEXT PROCESSOR_ARCHITECTURE PROGRAMFILES SYSTEMDRIVE SYSTEMROOT TEMP ' +
    'TMP USERNAME USERPROFILE'
  ).split(' '),
)

/** A process's environment, by name. */
export type Environment = Readonly<Record<string, string | undefined>>

/** What to hand on beside the usual: a name as it is in the own environment, or a name with a value. */
export interface HandedVariable {
  readonly name: string
  readonly value?: string | undefined
}

/**
 * The environment for a process that is started for an agent: an allow-list of the own one, and what was asked for by
 * name. Of CapFence's own settings it gets none, and it is marked as an agent's, so that it can approve nothing.
 */
export function agentEnvironment(
  own: Environment,
  handed: readonly HandedVariable[] = [],
  isWindows = false,
): Record<string, string> {
  const kept: Record<string, string> = {}
  const keep = (name: string, value: string | undefined): void => {
    if (value !== undefined && !isCapFences(name)) kept[name] = value
  }
  for (const [name, value] of Object.entries(own)) if (isKept(name, isWindows)) keep(name, value)
  for (const { name, value } of handed) keep(name, value ?? own[name])
  return { ...kept, CAPFENCE_AGENT: '1' }
}

/** True for names that are CapFence's own: where its keys and its trail are is not for an agent's child to know. */
export function isCapFences(name: string): boolean {
  return name.toUpperCase().startsWith('CAPFENCE_')
}

function isKept(name: string, isWindows: boolean): boolean {
  const known = isWindows ? name.toUpperCase() : name
  if (isWindows && KEPT_ON_WINDOWS.has(known)) return true
  return KEPT.has(known) || KEPT_PREFIXES.some((prefix) => known.startsWith(prefix))
}
