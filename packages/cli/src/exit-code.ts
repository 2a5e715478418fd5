/** What the process says to whoever started it. Never changes meaning. */
export const EXIT = {
  /** Everything is as it should be. */
  ok: 0,
  /** The policy is invalid, a decision differs from the recorded one, the trail was tampered with, or an approval was refused. */
  found: 1,
  /** Wrong usage, or something could not be read or written. */
  unusable: 2,
  /** The trail is consistent, but nothing outside it says whose it is or how far it went. */
  integrityOnly: 3,
  /** The trail was truncated, rolled back or forked. */
  truncated: 4,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]
