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
const which = process.argv[2]!, turn = process.argv[3]==='turn'
for (let r=0;r<6;r++) {
const fence = await openCapFence({ policy: folder+'/p.yaml', db: new MemoryEngine(), deadlineMs: 120_000 })
const s = subjectsOf(fence.runtime).find(s=>s.name.includes(which))!
let t=performance.now(), c=process.cpuUsage()
for (let i=0;i<3000;i++) { await s.guarded(); if (turn) await new Promise(r=>setImmediate(r)) }
const u=process.cpuUsage(c)
console.log(s.name, ((performance.now()-t)/3).toFixed(1), ((u.user+u.system)/3000).toFixed(1))
await fence.close()
}
