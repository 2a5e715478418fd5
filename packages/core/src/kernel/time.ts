const RFC3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/

/** Milliseconds since 1970 as RFC 3339 text in UTC. */
export function rfc3339(at: number): string {
  return new Date(at).toISOString()
}

/** Milliseconds since 1970 of an RFC 3339 text, or undefined where it is not one. */
export function parseRfc3339(text: string): number | undefined {
  const at = RFC3339.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? undefined : at
}
