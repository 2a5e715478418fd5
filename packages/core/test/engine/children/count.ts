// count.ts PATH: prints how many records a reader finds.
import { SqliteEngine } from '../../../src/engine/sqlite/index.ts'
import { allRecords } from '../sample-commit.ts'

const [path = ''] = process.argv.slice(2)
const reader = new SqliteEngine({ path, readOnly: true })
console.log((await allRecords(reader)).length)
await reader.close()
