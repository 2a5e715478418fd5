// Every figure that the documentation gives comes from here: medians, side by side, in one run.
import { benchApprovals } from './approvals.ts'
import { benchEngines } from './engine.ts'
import { benchEvaluate } from './evaluate.ts'
import { benchExecute } from './execute.ts'
import { benchFacts } from './facts.ts'
import { benchImport } from './import-time.ts'
import { benchShell } from './shell.ts'
import { benchSql } from './sql.ts'
import { benchVerify } from './verify.ts'

console.log(`Node ${process.version}, ${process.platform} ${process.arch}`)
benchEvaluate()
await benchExecute()
await benchFacts()
await benchShell()
await benchSql()
await benchApprovals()
await benchEngines()
await benchVerify()
benchImport()
