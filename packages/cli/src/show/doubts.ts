import { marked } from './marked.ts'
import type { Text } from './texts.ts'

/** Longer texts than this are told of at the end as well, with how they end. */
const LONG = 1000
const TAIL = 60
const MAX_DOUBTS = 10

/** What to look at twice before approving. A simple look: that it finds nothing proves nothing. */
export function doubts(texts: Iterable<Text>): readonly string[] {
  const found: string[] = []
  let more = 0
  for (const { place, text } of texts) {
    for (const doubt of [scripts, lookAlikes, length]) {
      const why = doubt(text)
      if (why === undefined) continue
      if (found.length < MAX_DOUBTS) found.push(`${place} ${why}`)
      else more += 1
    }
  }
  return more === 0 ? found : [...found, `and ${String(more)} more`]
}

// Writing systems that are mixed by nature are one here.
const SCRIPTS: readonly (readonly [name: string, letters: RegExp])[] = [
  ['Latin', /\p{Script=Latin}/u],
  ['Cyrillic', /\p{Script=Cyrillic}/u],
  ['Greek', /\p{Script=Greek}/u],
  ['Armenian', /\p{Script=Armenian}/u],
  ['Hebrew', /\p{Script=Hebrew}/u],
  ['Arabic', /\p{Script=Arabic}/u],
  ['Cherokee', /\p{Script=Cherokee}/u],
  ['East Asian', /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}]/u],
]
const LETTER = /\p{L}/u
const LISTED = new RegExp(`${SCRIPTS.map(([, { source }]) => source).join('|')}|\\p{Script=Common}`, 'u')

function scripts(text: string): string | undefined {
  if (!NOT_ASCII.test(text)) return undefined
  const names = SCRIPTS.filter(([, letters]) => letters.test(text)).map(([name]) => name)
  const isOther = Array.from(text).some((character) => LETTER.test(character) && !LISTED.test(character))
  const all = isOther ? [...names, 'another script'] : names
  return all.length > 1 ? `has letters of more than one script: ${all.join(', ')}` : undefined
}

const NOT_ASCII = /[^\0-\x7f]/
// Cyrillic and Greek letters that are drawn like Latin ones, and signs that are drawn like `/`, `:`, `.` and `-`.
const LETTERS = 'аеорсухіјѕԁһԛԝАВЕКМНОРСТУХІЈЅԌԚԜΑΒΕΖΗΙΚΜΝΟΡΤΥΧονιϲϳ'
const WORD = new RegExp(`(?<!\\p{L})[${LETTERS}]{2,}(?!\\p{L})`, 'u')
const SIGN = /[\u2010\u2011\u2024\u2044\u2215\u2212\u2236\u29f8\u0589\ua789]/u

function lookAlikes(text: string): string | undefined {
  if (!NOT_ASCII.test(text)) return undefined
  const isFound = WORD.test(text) || SIGN.test(text) || Array.from(text).some(isStyled)
  return isFound ? 'has characters that look like ASCII ones and are others' : undefined
}

// Full-width, mathematical and other forms of ASCII characters.
function isStyled(character: string): boolean {
  return NOT_ASCII.test(character) && !/\p{Zs}/u.test(character) && /^[!-~]+$/.test(character.normalize('NFKC'))
}

function length(text: string): string | undefined {
  if (text.length <= LONG) return undefined
  const tail = Array.from(text).slice(-TAIL).join('')
  return `is ${String(text.length)} characters long, and all of it is above; it ends in "${marked(tail)}"`
}
