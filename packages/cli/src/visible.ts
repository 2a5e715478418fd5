// Controls, formats (bidi, zero-width, tags), odd blanks, line separators, lone surrogates: whatever moves a cursor,
// or hides or reorders text on a terminal. U+2800 is a symbol that looks like a blank.
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/gu
const HIDDEN_OR_BACKSLASH = new RegExp(`\\\\|${HIDDEN.source}`, 'gu')

/** Text for people: one line in which every hidden character is seen as `\u{…}`, and a backslash as two. */
export function visible(text: string): string {
  return text.replace(HIDDEN_OR_BACKSLASH, (found) =>
    found === '\\' ? '\\\\' : `\\u{${(found.codePointAt(0) ?? 0).toString(16)}}`,
  )
}

/** Text as it stands between the quotes of a JSON string; every hidden character is seen as `\uXXXX`. */
export function quotable(text: string): string {
  return JSON.stringify(text).slice(1, -1).replace(HIDDEN, escapeUnits)
}

/** One line of JSON for programs; hidden characters stand as `\uXXXX`, so that it is safe to look at as well. */
export function jsonLine(value: unknown): string {
  return `${JSON.stringify(value).replace(HIDDEN, escapeUnits)}\n`
}

/** Each UTF-16 unit of a text as `\uXXXX`. */
export function escapeUnits(found: string): string {
  let text = ''
  for (let index = 0; index < found.length; index++) {
    text += `\\u${found.charCodeAt(index).toString(16).padStart(4, '0')}`
  }
  return text
}
