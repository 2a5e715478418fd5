/** What follows the list of options: examples first, then what the exit codes mean. */
export const HELP = {
  root: `
Examples:
  $ capfence check-policy policies/ops.yaml
  $ capfence simulate --policy policies/ops.yaml --trace-file traces/ops.jsonl
  $ capfence logs --decision deny --since 24h
  $ capfence verify --audit-log .capfence/capfence.db

Environment:
  CAPFENCE_DB        the trail, where no option names it
  CAPFENCE_KEY_FILE  the writer's key, in place of the one in the configuration folder
  NO_COLOR           no colours, also on a terminal

Exit codes: 0 fine, 1 something was found, 2 wrong usage or not readable; \`verify\` also has 3 and 4.`,

  checkPolicy: `
Prints \`file:line:column: message\` for every mistake, all at once.

Examples:
  $ capfence check-policy policies/ops.yaml
  $ capfence check-policy --json policies/*.yaml

Exit codes: 0 valid (there may be warnings), 1 not valid, 2 wrong usage or a file cannot be read.`,

  simulate: `
A line of the trace is an event, a tool call, or a line of \`capfence logs --json\`:
  {"actor":"deploy","action":"delete","resource":"filesystem.workspace","args":{"command":"rm -rf /"}}
  {"tool":"execute_sql","args":{"query":"select 1"},"environment":"staging","recorded":"allow"}
Missing context: actor trace, environment production, risk medium. No database and no clock is read.

Examples:
  $ capfence simulate --policy policies/ops.yaml --trace-file traces/ops.jsonl
  $ capfence logs --json | capfence simulate --policy new.yaml --trace-file - --json

Exit codes: 0 judged, 1 a decision differs from the recorded one, 2 wrong usage, an invalid policy, or a line
that is not JSON.`,

  verify: `
Without --trust, the keys in your trust.json and the head file of this user count, and it says so.

Examples:
  $ capfence verify --audit-log .capfence/capfence.db
  $ capfence verify --audit-log copy.db --trust "$(cat writer.vkey)"

Exit codes: 0 authentic and complete, 1 tampered, 2 wrong usage or not readable, 3 consistent but no key or head
from outside to hold it against, 4 truncated, rolled back or forked.`,

  logs: `
Examples:
  $ capfence logs --limit 20
  $ capfence logs --decision deny --since 24h
  $ capfence logs --json --kind decision > trace.jsonl

Exit codes: 0 listed, 1 a record cannot be read (run \`capfence verify\`), 2 wrong usage or not readable.`,

  keys: `
Examples:
  $ capfence keys init
  $ capfence keys show --vkey > writer.vkey

Exit codes: 0 done, 2 wrong usage, no such key, or one that others can get at.`,
} as const
