import type { PolicyFile } from './load-files.ts'
import { keySpotAt } from './source-node.ts'

/** A file with all that it extends, directly or through others. */
export function reachOf(file: PolicyFile, reach: Set<PolicyFile> = new Set()): ReadonlySet<PolicyFile> {
  if (reach.has(file)) return reach
  reach.add(file)
  for (const base of file.bases) reachOf(base, reach)
  return reach
}

/** What a file outside a sealed base's own reach may not say: each could let through what the base does not. */
const REFUSED = ['allow', 'tools', 'approvers', 'approvals'] as const

/**
 * Tells what files say beside a sealed base that they may not, and answers those files. That is every file but the
 * base and what it extends itself, so a sibling cannot bring in what the extending file must not say.
 */
export function checkSealed(files: readonly PolicyFile[]): ReadonlySet<PolicyFile> {
  const bound = new Set<PolicyFile>()
  const sealed = files.filter((file) => file.head.sealed === true).map((base) => ({ base, own: reachOf(base) }))
  for (const file of files) {
    for (const { base, own } of sealed) {
      if (own.has(file)) continue
      bound.add(file)
      tellRefused(file, base)
    }
  }
  return bound
}

function tellRefused(file: PolicyFile, base: PolicyFile): void {
  const { root, findings, head } = file
  if (root === undefined) return
  const why = `is refused beside the sealed \`${base.name ?? 'policy'}\`: only \`deny\` and \`require_approval\` may be added to it`
  for (const key of REFUSED) {
    if (root.entries.has(key)) findings.add(keySpotAt(root, [key]), `\`${key}\` ${why}`)
  }
  if (head.mode === 'observe') findings.add(keySpotAt(root, ['mode']), `\`mode: observe\` ${why}`)
}
