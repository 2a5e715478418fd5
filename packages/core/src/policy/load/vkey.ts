import { messageOf } from '../../kernel/errors.ts'
import { parseVkey } from '../../kernel/vkey.ts'

/** Answers what is wrong with an approver's public key in C2SP form (c2sp.org/signed-note), or undefined. */
export function checkVkey(text: string): string | undefined {
  try {
    parseVkey(text)
    return undefined
  } catch (cause) {
    return messageOf(cause)
  }
}
