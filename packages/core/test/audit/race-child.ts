import { headFile } from '../../src/audit/head-file.ts'
import { pinKey } from '../../src/audit/trust.ts'
import { openWriterKey } from '../../src/audit/writer-key.ts'
import { homeIn } from '../support/home-in.ts'
import { testSigner } from './trail.ts'

// One of several processes that race for the same files: `race-child.ts FOLDER WHAT INDEX COUNT`.
const [folder = '', what = '', index = '0', count = '0'] = process.argv.slice(2)
const machine = homeIn(folder)
const own = Number(index)

switch (what) {
  case 'key': {
    const { vkey, created } = openWriterKey(machine)
    process.stdout.write(JSON.stringify({ vkey, created }))
    break
  }
  case 'trust':
    for (let at = 0; at < Number(count); at++) {
      const name = `key-${index}-${String(at)}`
      pinKey(machine, 'approvers', { name, vkey: testSigner(own + 1, name).vkey })
    }
    break
  case 'head': {
    const file = headFile(machine, 'capfence.local/0/main')
    let seen = 0
    for (let at = 1; at <= Number(count); at++) {
      const size = at * 8 + own
      const bytes = new Uint8Array(32).fill(own)
      file.advance({ origin: 'capfence.local/0/main', size, entry: bytes, sig: bytes, root: bytes, at: size })
      const now = file.read()?.size ?? 0
      if (now < seen) throw new Error(`went back from ${String(seen)} to ${String(now)}`)
      seen = now
      await new Promise((resolve) => setImmediate(resolve))
    }
    await file.settled()
    break
  }
  default:
    throw new Error(`unknown race ${what}`)
}
