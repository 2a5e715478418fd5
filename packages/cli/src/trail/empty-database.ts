import { closeSync, openSync, readSync, realpathSync, statSync } from 'node:fs'
import { CapFenceError, type ChainStore } from '@capfence/core'
import { ioMessage } from '../io-message.ts'

/** A store without any chain: what an emptied database holds. */
export const EMPTY_STORE: ChainStore = {
  chains: async () => [],
  records: async () => [],
  values: async () => [],
}

/**
 * True where a database file holds no table at all: it is empty, or everything in it was dropped. The schema is the
 * tree at the first page, which then is a leaf without cells (https://sqlite.org/fileformat2.html#b_tree_pages).
 */
export function isEmptyDatabase(path: string): boolean {
  // While a writer has it open, even the schema may still stand in the log alone: then only SQLite can tell.
  if (hasLog(path)) return false
  const page = Buffer.alloc(108)
  if (readStart(path, page) === 0) return true
  return page.toString('latin1', 0, 15) === 'SQLite format 3' && page[100] === 0x0d && page.readUInt16BE(103) === 0
}

function hasLog(path: string): boolean {
  try {
    return (statSync(`${realpathSync(path)}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0
  } catch (cause) {
    throw new CapFenceError('IO', ioMessage(path, cause), { cause })
  }
}

function readStart(path: string, page: Buffer): number {
  try {
    const file = openSync(path, 'r')
    try {
      return readSync(file, page, 0, page.length, 0)
    } finally {
      closeSync(file)
    }
  } catch (cause) {
    throw new CapFenceError('IO', ioMessage(path, cause), { cause })
  }
}
