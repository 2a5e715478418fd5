/** The most non-ASCII UTF-16 units that are folded for one event; more is unknown. Keeps the worst case at some 40 ms. */
export const MAX_FOLDED_UNITS = 65_536

// Normalising a run of combining marks is quadratic in its length: 500,000 of them take two minutes.
// Halfwidth voicing marks are letters that become marks.
const MARK_RUN = /[\p{M}\uff9e\uff9f]{33}/u
/** The most units by which normalising may lengthen a text: one U+FDFA becomes 18. */
const MAX_GROWTH = 262_144
const IGNORABLE = /\p{Default_Ignorable_Code_Point}+/gu
const WHITE_SPACE = /\p{White_Space}+/gu
/** Runs of other text that are nearer to each other than this are normalised in one go. */
const GAP = 64

/**
 * A text as its reader sees it, case aside: NFKC, default-ignorable characters removed, every run of Unicode white
 * space one blank, full case folding. Undefined where it cannot be folded within bounds.
 */
export function foldText(text: string): string | undefined {
  return isFolded(text) ? text : normalise(text, true)
}

/** As `foldText`, but with its case kept. */
export function spaceText(text: string): string | undefined {
  return isFolded(text) ? text : normalise(text, false)
}

/** How many UTF-16 units of a text are not ASCII. */
export function countNonAscii(text: string): number {
  let count = 0
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0x7f) count += 1
  return count
}

// True for printable ASCII without capitals and without two blanks together: most texts, at little cost.
function isFolded(text: string): boolean {
  let before = 0
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit < 0x20 || unit > 0x7e || (unit >= 0x41 && unit <= 0x5a) || (unit === 0x20 && before === 0x20)) return false
    before = unit
  }
  return true
}

function normalise(text: string, folded: boolean): string | undefined {
  const nonAscii = countNonAscii(text)
  if (nonAscii === 0) return settle(text, folded)
  if (nonAscii > MAX_FOLDED_UNITS || MARK_RUN.test(withoutIgnorable(text))) return undefined
  const normal = normaliseRuns(text, folded)
  return normal === undefined ? undefined : settle(normal, folded)
}

// ASCII text is normal as it is, so only what is about other characters is worked on: each run of them with the one
// ASCII character before it, which marks may join. What comes after a run never joins it. Removing an ignorable character
// can bring a letter and its mark together, and a normalised text can hold new ignorable ones (U+FFA0): so it is removing,
// normalising, removing.
function normaliseRuns(text: string, folded: boolean): string | undefined {
  let out = ''
  let done = 0
  let growth = 0
  for (let start = nextNonAscii(text, 0); start < text.length; start = nextNonAscii(text, done)) {
    const begin = Math.max(done, start - 1)
    const end = endOfRun(text, start)
    const plain = withoutIgnorable(withoutIgnorable(text.slice(begin, end)).normalize('NFKC'))
    growth += plain.length - (end - begin)
    if (growth > MAX_GROWTH) return undefined
    out += text.slice(done, begin) + (folded ? withoutIgnorable(foldCase(plain).normalize('NFKC')) : plain)
    done = end
  }
  return out + text.slice(done)
}

function endOfRun(text: string, start: number): number {
  let end = start + 1
  for (let next = nextNonAscii(text, end); next < text.length && next - end <= GAP; next = nextNonAscii(text, end)) {
    end = next + 1
  }
  return end
}

function nextNonAscii(text: string, from: number): number {
  let index = from
  while (index < text.length && text.charCodeAt(index) <= 0x7f) index += 1
  return index
}

function settle(text: string, folded: boolean): string {
  return (folded ? text.toLowerCase() : text).replace(WHITE_SPACE, ' ')
}

function withoutIgnorable(text: string): string {
  return text.replace(IGNORABLE, '')
}

// Full case folding by the case maps: lower first for ẞ, upper for ß and ligatures; both small sigmas are one.
function foldCase(text: string): string {
  return text.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ')
}
