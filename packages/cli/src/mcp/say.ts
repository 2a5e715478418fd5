import type { Terminal } from '../output.ts'
import { visible } from '../visible.ts'

/** Tells a person, on standard error: standard output belongs to the protocol. */
export interface Say {
  /** One line; what could move the cursor is made visible. */
  readonly line: (text: string) => void
  /** Text that was made safe to look at already. */
  readonly block: (text: string) => void
}

// Where nobody reads, no more than that is kept; what a server says wrong must not fill the memory.
const MAX_WAITING = 100

/** Without waiting for whoever reads. */
export function say({ err }: Terminal): Say {
  let waiting = 0
  const block = (text: string): void => {
    if (waiting >= MAX_WAITING) return
    waiting += 1
    void err.write(text).finally(() => {
      waiting -= 1
    })
  }
  return {
    block,
    line: (text) => {
      block(`${err.paint.red('capfence:')} ${visible(text.slice(0, MAX_LINE_LENGTH))}\n`)
    },
  }
}

const MAX_LINE_LENGTH = 2_000
