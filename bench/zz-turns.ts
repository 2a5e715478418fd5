const orig = globalThis.setImmediate
let n=0, t=0
;(globalThis as any).setImmediate = (...a: any[])=>{n++; return (orig as any)(...a)}
const st=globalThis.setTimeout; (globalThis as any).setTimeout=(...a: any[])=>{t++; return (st as any)(...a)}
import { mkdtempSync, writeFileSync } from 'node:fs'
import { openCapFence } from '@capfence/core'
import { MemoryEngine } from '@capfence/core/memory'
import { subjectsOf } from './adapters.ts'
const folder = mkdtempSync('/root/x/speed/b-')
Object.assign(process.env, { XDG_CONFIG_HOME: folder, XDG_STATE_HOME: folder })
writeFileSync(folder+'/p.yaml', `version: 1
tools: { read: { capability: filesystem.read.workspace } }
allow: [filesystem.read.workspace]
`)
const fence = await openCapFence({ policy: folder+'/p.yaml', db: new MemoryEngine(), deadlineMs: 120_000 })
for (const s of subjectsOf(fence.runtime)) {
  for (let i=0;i<50;i++) await s.guarded()
  const a=[n,t]
  for (let i=0;i<200;i++) await s.guarded()
  console.log(s.name, 'turns/call', (n-a[0]!)/200, 'timers/call', (t-a[1]!)/200)
}
await fence.close()
