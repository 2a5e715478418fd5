import type { VerifyProgress } from '@capfence/core/audit'
import type { Output } from '../output.ts'

const EVERY_MS = 200
const ERASE_LINE = '\r\u001b[K'

/** Tells on a terminal how far a long run is. */
export interface ProgressLine {
  /** Undefined where nobody would see it. */
  readonly onProgress: ((progress: VerifyProgress) => void) | undefined
  /** Takes the line away again. */
  end(): Promise<void>
}

/** One line on standard error, rewritten; none where that is no terminal, and none for a run that is over at once. */
export function progressLine(err: Output, isShown: boolean): ProgressLine {
  if (!isShown) return { onProgress: undefined, end: async () => undefined }
  let nextAt = performance.now() + EVERY_MS
  let isThere = false
  return {
    onProgress: ({ records, total }) => {
      if (performance.now() < nextAt) return
      nextAt = performance.now() + EVERY_MS
      isThere = true
      const share = total === 0 ? 100 : Math.floor((100 * records) / total)
      void err.write(`${ERASE_LINE}verified ${count(records)} of ${count(total)} records (${String(share)} %)`)
    },
    end: async () => {
      if (isThere) await err.write(ERASE_LINE)
    },
  }
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}
