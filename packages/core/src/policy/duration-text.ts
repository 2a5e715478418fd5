const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** A duration of whole seconds for people: `7d`, `24h`, `90m`. */
export function durationText(durationMs: number): string {
  const { unit, sizeMs } = unitOf(durationMs)
  return `${String(durationMs / sizeMs)}${unit}`
}

function unitOf(durationMs: number): { readonly unit: string; readonly sizeMs: number } {
  if (durationMs % DAY_MS === 0 && durationMs > DAY_MS) return { unit: 'd', sizeMs: DAY_MS } // a day is `24h`
  if (durationMs % HOUR_MS === 0) return { unit: 'h', sizeMs: HOUR_MS }
  return durationMs % 60_000 === 0 ? { unit: 'm', sizeMs: 60_000 } : { unit: 's', sizeMs: 1000 }
}
