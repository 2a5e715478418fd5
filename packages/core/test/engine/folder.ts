import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A folder that is removed when the test is over. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'capfence-sqlite-'))
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}

/** A path for a database in such a folder. */
export function testPath(): string {
  return join(testFolder(), 'capfence.db')
}

/** The code of what a promise rejects with; `undefined` where it resolves. */
export async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
    return undefined
  } catch (cause) {
    return cause instanceof Error && 'code' in cause ? cause.code : cause
  }
}
