import { escapeUnits, quotable } from '../visible.ts'

// More than 40 times the same short piece of text, one after the other.
const RUN = /(.{1,8}?)\1{40,}/gsu
// What the mark of a run is written with must not stand in a text itself.
const BRACKETS = /[\u27e8\u27e9]/g

/**
 * Text from outside for a person to judge, as it stands in a JSON string: what hides is escaped, and a long run of the
 * same is a count, `⟨10000 × U+0020⟩`, so that nothing is pushed off the screen. Nothing else is left out.
 */
export function marked(text: string): string {
  const parts: string[] = []
  let end = 0
  for (const run of text.matchAll(RUN)) {
    const [whole, unit = ''] = run
    parts.push(plain(text.slice(end, run.index)), mark(unit, whole.length / unit.length))
    end = run.index + whole.length
  }
  parts.push(plain(text.slice(end)))
  return parts.join('')
}

/** A name or other short text from outside: as it is where it is plain, else in quotes, so that both ends are seen. */
export function field(text: string): string {
  return /^[!-~]+(?: [!-~]+)*$/.test(text) && !/^"|\\/.test(text) ? marked(text) : `"${marked(text)}"`
}

function plain(text: string): string {
  return quotable(text).replace(BRACKETS, escapeUnits)
}

function mark(unit: string, count: number): string {
  const points = Array.from(unit, (character) => {
    return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
  })
  return `\u27e8${String(count)} \u00d7 ${points.join(' ')}\u27e9`
}
