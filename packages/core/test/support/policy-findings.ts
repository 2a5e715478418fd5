import { expect } from 'vitest'
import { checkPolicy, loadPolicy } from '../../src/policy/load/load-policy.ts'
import type { Policy, PolicyFinding } from '../../src/policy/policy.ts'
import { memoryFiles } from './memory-files.ts'

/** What is wrong with `policy.yaml`, as `line:column message`, findings of other files with their name in front. */
export async function errorsOf(
  policy: string,
  others: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const { errors } = await checkPolicy('policy.yaml', memoryFiles({ ...others, 'policy.yaml': policy }))
  return errors.map(shown)
}

/** What its writer should know of `policy.yaml`, which must be valid. */
export async function warningsOf(
  policy: string,
  others: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const { errors, warnings } = await checkPolicy('policy.yaml', memoryFiles({ ...others, 'policy.yaml': policy }))
  if (errors.length > 0) throw new Error(errors.map(shown).join('\n'))
  return warnings.map(shown)
}

/** `policy.yaml`, loaded. */
export async function loaded(policy: string, others: Readonly<Record<string, string>> = {}): Promise<Policy> {
  return loadPolicy('policy.yaml', memoryFiles({ ...others, 'policy.yaml': policy }))
}

function shown({ file, line, column, message }: PolicyFinding): string {
  const place = `${String(line)}:${String(column)} ${message}`
  return file === 'policy.yaml' ? place : `${file} ${place}`
}

/** Expects one mistake, told at the place that `»` marks in the text, with a word of what is said. */
export async function isTold(marked: string, says: string): Promise<void> {
  const before = marked.slice(0, marked.indexOf('»')).split('\n')
  const place = `${before.length}:${(before.at(-1) ?? '').length + 1}`
  const errors = await errorsOf(marked.replace('»', ''))
  expect(errors).toEqual([expect.stringMatching(new RegExp(`^${place} `))])
  expect(errors[0]).toContain(says)
}
