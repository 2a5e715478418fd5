/** The longest text that may be looked for in any other: V8 finds it in time that grows with the other alone. */
const SHORT = 256
/** The most work that looking for a longer one may take: its length × the other's. Beyond it the answer is unknown. */
const MAX_FIND_WORK = 10_000_000

/** Whether a text has another in it; undefined where finding out could take too long. */
export function holdsText(text: string, wanted: string): boolean | undefined {
  if (wanted.length > text.length) return false
  return isTooLongToFind(wanted.length, text.length) ? undefined : text.includes(wanted)
}

/** Whether looking for a text of some length could take too long in texts of some length together. */
export function isTooLongToFind(wantedLength: number, textLength: number): boolean {
  return wantedLength > SHORT && wantedLength * textLength > MAX_FIND_WORK
}
