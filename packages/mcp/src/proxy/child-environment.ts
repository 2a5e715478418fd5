/** What a server is told of the machine: enough to run, nothing that anyone put there for someone else. */
const KEPT = new Set(
  'PATH HOME LANG LANGUAGE TZ TMPDIR USER LOGNAME SHELL TERM XDG_CONFIG_HOME XDG_DATA_HOME XDG_CACHE_HOME XDG_STATE_HOME'.split(
    ' ',
  ),
)
// Windows starts next to nothing without these.
const KEPT_ON_WINDOWS = new Set(
  'APPDATA HOMEDRIVE HOMEPATH LOCALAPPDATA PATHEXT PROCESSOR_ARCHITECTURE PROGRAMFILES SYSTEMDRIVE SYSTEMROOT TEMP TMP USERNAME USERPROFILE'.split(
    ' ',
  ),
)

type Environment = Readonly<Record<string, string | undefined>>

/** What to hand on beside the usual: a name as it is here, or a name with a value. */
export type Handed = { readonly name: string; readonly value?: string | undefined }

/**
 * The environment of a server that is started: an allow-list of the own one, and what was asked for by name. Of CapFence's
 * own settings it gets none, and it is marked as an agent's, so that it can approve nothing.
 */
export function childEnvironment(
  own: Environment,
  handed: readonly Handed[],
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

// Where the keys and the trail are is not for a server to know.
function isCapFences(name: string): boolean {
  return name.toUpperCase().startsWith('CAPFENCE_')
}

function isKept(name: string, isWindows: boolean): boolean {
  if (isWindows && KEPT_ON_WINDOWS.has(name.toUpperCase())) return true
  const known = isWindows ? name.toUpperCase() : name
  return KEPT.has(known) || known.startsWith('LC_')
}
