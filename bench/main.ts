// What the adapters add to their frameworks and to the gate: medians, side by side, in one run.
import { benchAdapters } from './adapters.ts'
import { benchImports } from './imports.ts'

await benchAdapters()
benchImports()
