import type { ProgramSpec } from '../program-spec.ts'
import { archives } from './archives.ts'
import { buildTools } from './build-tools.ts'
import { builtins } from './builtins.ts'
import { cloud } from './cloud.ts'
import { clusters } from './clusters.ts'
import { containers } from './containers.ts'
import { copy } from './copy.ts'
import { curl } from './curl.ts'
import { databases } from './databases.ts'
import { editors } from './editors.ts'
import { filters } from './filters.ts'
import { find } from './find.ts'
import { gh } from './gh.ts'
import { git } from './git.ts'
import { interpreters } from './interpreters.ts'
import { launchers } from './launchers.ts'
import { machine } from './machine.ts'
import { netTools } from './net-tools.ts'
import { packages } from './packages.ts'
import { permissions } from './permissions.ts'
import { readers } from './readers.ts'
import { remove } from './remove.ts'
import { search } from './search.ts'
import { sessions } from './sessions.ts'
import { shells } from './shells.ts'
import { systemPackages } from './system-packages.ts'
import { system } from './system.ts'
import { textTools } from './text-tools.ts'
import { wrappers } from './wrappers.ts'

/** All programs that the analyser knows. */
export const PROGRAM_SPECS: readonly ProgramSpec[] = [
  ...archives,
  ...buildTools,
  ...builtins,
  ...cloud,
  ...clusters,
  ...containers,
  ...copy,
  curl,
  ...databases,
  ...editors,
  ...filters,
  find,
  gh,
  git,
  ...interpreters,
  ...launchers,
  ...machine,
  ...netTools,
  ...packages,
  ...permissions,
  ...readers,
  ...remove,
  ...search,
  ...sessions,
  ...shells,
  ...system,
  ...systemPackages,
  ...textTools,
  ...wrappers,
]
