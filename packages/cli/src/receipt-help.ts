/** What follows the options of the receipt commands. */
export const RECEIPT_HELP = {
  receipt: `
A C2SP tlog-proof: the record, its place in the log's tree, and a checkpoint that the writer signed. It holds the record
as it was signed, without the values of arguments. The database is only read.

Examples:
  $ capfence receipt --seq 41 --out 41.tlog-proof
  $ capfence receipt --event call-42 --json > call-42.json

Exit codes: 0 written, 1 the trail does not bear it out (run \`capfence verify\`), 2 wrong usage, not readable, no such
record, or no checkpoint covers it yet.`,

  verifyReceipt: `
Reads no trail and no network. Without --trust, the writers in your trust.json count.

Examples:
  $ capfence verify-receipt 41.tlog-proof --trust 'writer+8741e103+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs'
  $ capfence verify-receipt call-42.json --trust writer.vkey --json

Exit codes: 0 authentic, 1 not, 2 wrong usage or not readable, 3 it agrees with itself, but no key is pinned.`,
} as const
