import { CapFenceError } from '../kernel/errors.ts'
import type { Append, Commit } from '../runtime/base-db-engine.ts'

/** The longest state key, in UTF-8 bytes. */
const MAX_KEY_BYTES = 512

/**
 * Refuses a commit that breaks its own contract, before anything is stored: records that are not one unbroken run up
 * to the head's size, a key that is empty or too long, text that some engine could not give back as it was.
 */
export function checkCommit({ append, expect, write }: Commit): void {
  if (append !== undefined) checkAppend(append)
  for (const { key } of expect) checkKey(key)
  for (const { key, value } of write) {
    checkKey(key)
    if (value !== null) checkText(value, `the state value of \`${key}\``)
  }
}

/** Refuses records that do not begin where the chain ends. */
export function checkFollows(append: Append, storedSize: number): void {
  const first = append.head.size - append.records.length
  if (first !== storedSize) {
    throw malformed(`the records begin at ${String(first)}, but the chain holds ${String(storedSize)}`)
  }
}

function checkAppend({ head, records, values }: Append): void {
  const first = head.size - records.length
  if (!Number.isSafeInteger(first) || first < 0) throw malformed('the head is smaller than the records that it ends in')
  checkText(head.chain, 'the name of the chain')
  for (const [index, record] of records.entries()) {
    if (record.seq !== first + index) throw malformed(`the records are not in one run at ${String(record.seq)}`)
    checkText(record.body, 'the body of a record')
  }
  for (const { seq, path, value } of values) {
    if (seq < first || seq >= head.size) throw malformed('a value belongs to no record of the commit')
    checkWellFormed(path, 'the path of a value')
    checkText(value, 'a value')
  }
}

function checkKey(key: string): void {
  checkText(key, 'a state key')
  // A UTF-16 unit is at most three bytes of UTF-8, so that most keys need no count.
  const isShort = key.length * 3 <= MAX_KEY_BYTES
  if (key === '' || (!isShort && Buffer.byteLength(key) > MAX_KEY_BYTES)) {
    throw malformed(`a state key has 1 to ${String(MAX_KEY_BYTES)} bytes, not ${String(Buffer.byteLength(key))}`)
  }
}

// Neither Node 22's SQLite nor PostgreSQL gives back a NUL; JSON and keys hold none, argument names may.
function checkText(text: string, what: string): void {
  if (text.includes('\0')) throw malformed(`${what} holds a NUL`)
  checkWellFormed(text, what)
}

// UTF-8 has no form for a lone surrogate.
function checkWellFormed(text: string, what: string): void {
  if (!text.isWellFormed()) throw malformed(`${what} holds a lone surrogate`)
}

function malformed(what: string): CapFenceError {
  return new CapFenceError('ENGINE_FAILED', `the commit is malformed: ${what}`)
}
