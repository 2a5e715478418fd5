// SQLite compares text as UTF-8 bytes, which is the order of code points; keys are in the order of UTF-16 code units.
// The two differ where a code point from U+E000 to U+FFFF meets one beyond U+FFFF. Stored keys put LAST in front of the
// former, so that both orders agree and a prefix stays a prefix. Ordinary keys are stored as they are.
const LAST = '\u{10FFFF}'
/** What stands behind LAST for a character that cannot stand there itself. */
const STAND_IN: ReadonlyMap<string, string> = new Map([
  [LAST, '\u0001'],
  // Node 22 reads a text up to its first NUL. Paths of values may hold one; keys, whose order it would break, do not.
  ['\0', '\u0002'],
])
const REPLACED: ReadonlyMap<string, string> = new Map([...STAND_IN].map(([char, standIn]) => [standIn, char]))

/** A key, a prefix or a path as it is stored. */
export function storedText(text: string): string {
  return text.replaceAll(/[\0\uE000-\uFFFF]|\u{10FFFF}/gu, (char) => LAST + (STAND_IN.get(char) ?? char))
}

/** The key or path that a stored one stands for. */
export function textOf(stored: string): string {
  return stored.replaceAll(/\u{10FFFF}(.)/gsu, (_pair, char: string) => REPLACED.get(char) ?? char)
}

/** The first text, in the database's order, after everything that starts with this stored prefix. */
export function afterPrefix(stored: string): string {
  const last = /.$/su.exec(stored)?.[0]
  if (last === undefined) return LAST + LAST
  // INVARIANT: no stored text ends in LAST, so there always is a next code point; surrogates are none.
  const next = last === '\uD7FF' ? 0xe000 : (last.codePointAt(0) ?? 0) + 1
  return stored.slice(0, -last.length) + String.fromCodePoint(next)
}
