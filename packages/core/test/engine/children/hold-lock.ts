// hold-lock.ts PATH MS: holds the write lock, asleep, as a process does that the system has suspended.
import { DatabaseSync } from 'node:sqlite'

const [path = '', ms = ''] = process.argv.slice(2)
const database = new DatabaseSync(path)
database.exec('begin immediate')
process.stdout.write('held\n', () => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(ms))
  database.exec('commit')
  database.close()
})
