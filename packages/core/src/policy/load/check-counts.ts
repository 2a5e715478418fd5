import type { PolicyFile } from './load-files.ts'
import { MAX_RULES, MAX_TOOLS } from './parse-file.ts'

/** Tells the first rule and the first tool beyond what a policy may have, all its files together. */
export function checkCounts(files: readonly PolicyFile[]): void {
  const rule = files.flatMap((file) => file.ruleTexts)[MAX_RULES]
  if (rule !== undefined) rule.findings.add(rule.node.spot, `more than ${String(MAX_RULES)} rules`)
  const tool = files.flatMap((file) => file.tools)[MAX_TOOLS]
  if (tool !== undefined) tool.findings.add(tool.spot, `more than ${String(MAX_TOOLS)} tools`)
}
