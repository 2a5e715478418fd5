import { parseVkey } from '../../kernel/vkey.ts'
import type { PolicyFile } from './load-files.ts'
import { reachOf } from './sealed.ts'
import { keySpotAt } from './source-node.ts'
import { checkVkey } from './vkey.ts'

/** All approvers by name. No file adds one to those of a file that does not know it. */
export function composeApprovers(files: readonly PolicyFile[]): ReadonlyMap<string, string> | undefined {
  const approvers = new Map<string, string>()
  const nameByKey = new Map<string, string>()
  const closed = files
    .filter(({ head }) => head.approvers !== undefined)
    .map((file) => ({ file, reach: reachOf(file), names: namesIn(reachOf(file)) }))
  for (const file of files) {
    const { root, findings, head } = file
    const others = closed.filter(({ reach }) => !reach.has(file))
    for (const [name, vkey] of Object.entries(head.approvers ?? {})) {
      const fault = approverFault(name, vkey, { approvers, nameByKey }) ?? additionFault(name, others)
      if (fault !== undefined && root !== undefined) findings.add(keySpotAt(root, ['approvers', name]), fault)
    }
  }
  return approvers.size === 0 ? undefined : approvers
}

interface Closed {
  readonly file: PolicyFile
  readonly names: ReadonlySet<string>
}

function namesIn(files: Iterable<PolicyFile>): ReadonlySet<string> {
  return new Set([...files].flatMap(({ head }) => Object.keys(head.approvers ?? {})))
}

// More people who may say yes loosen a policy.
function additionFault(name: string, others: readonly Closed[]): string | undefined {
  const other = others.find(({ names }) => !names.has(name))
  return other && `\`${name}\` is no approver of \`${other.file.name ?? 'policy'}\`, and none can be added to its own`
}

interface Approvers {
  readonly approvers: Map<string, string>
  readonly nameByKey: Map<string, string>
}

// The key alone, whatever name it carries; a text that is no key was found before.
function keyText(vkey: string): string {
  return checkVkey(vkey) === undefined ? parseVkey(vkey).publicKey.join() : vkey
}

// One person under two names would count twice for a quorum.
function approverFault(name: string, vkey: string, { approvers, nameByKey }: Approvers): string | undefined {
  const key = keyText(vkey)
  const known = approvers.get(name)
  if (known !== undefined) return known === vkey ? undefined : `another file gives \`${name}\` another key`
  const other = nameByKey.get(key)
  if (other !== undefined) return `\`${name}\` has the key of \`${other}\`: each approver needs their own`
  approvers.set(name, vkey)
  nameByKey.set(key, name)
  return undefined
}
