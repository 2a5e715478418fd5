/** What every hash and signature of the trail begins with, so that no input of one can pass for another's. */
export const DOMAINS = {
  entry: 'capfence/audit/entry/v1\n',
  genesis: 'capfence/audit/genesis/v1\n',
  signature: 'capfence/audit/sig/v1\n',
  commitment: 'capfence/audit/commit/v1\n',
} as const
