const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const

/** Milliseconds of `30s`, `10m`, `24h` or `7d`; undefined for any other text. */
export function durationMs(text: string): number | undefined {
  const [, amount, name] = /^(\d{1,9})([smhd])$/.exec(text) ?? []
  const unit = UNITS.find(([letter]) => letter === name)
  return amount === undefined || unit === undefined ? undefined : Number(amount) * unit[1]
}

/** A length of time for people, in its two largest units, whole seconds: `1h 5m`, `45s`. */
export function durationText(lengthMs: number): string {
  let rest = Math.max(0, Math.floor(lengthMs / 1000)) * 1000
  const parts: string[] = []
  for (const [letter, unit] of UNITS) {
    const amount = Math.floor(rest / unit)
    rest -= amount * unit
    if (amount > 0 || (letter === 's' && parts.length === 0)) parts.push(`${String(amount)}${letter}`)
  }
  return parts.slice(0, 2).join(' ')
}

/** A point in time, in UTC; one that no calendar has stands as its number. */
export function timeText(at: number): string {
  const date = new Date(at)
  return Number.isNaN(date.getTime()) ? String(at) : date.toISOString()
}
