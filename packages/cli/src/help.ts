/** What follows the list of options: examples first, then what the exit codes mean. */
export const HELP = {
  root: `
Examples:
  $ capfence check-policy policies/ops.yaml
  $ capfence simulate --policy policies/ops.yaml --trace-file traces/ops.jsonl
  $ capfence pending
  $ capfence grant --actor hotfix-agent --capability github.push.main --duration 600
  $ capfence logs --decision deny --since 24h
  $ capfence verify --audit-log .capfence/capfence.db

Environment:
  CAPFENCE_DB        the trail, where no option names it
  CAPFENCE_KEY_FILE  the writer's key, in place of the one in the configuration folder
  NO_COLOR           no colours, also on a terminal

Exit codes: 0 fine, 1 something was found or an approval was refused, 2 wrong usage or not readable; \`verify\` also has 3 and 4.`,

  checkPolicy: `
Prints \`file:line:column: message\` for every mistake, all at once.

Examples:
  $ capfence check-policy policies/ops.yaml
  $ capfence check-policy --json policies/*.yaml

Exit codes: 0 valid (there may be warnings), 1 not valid, 2 wrong usage or a file cannot be read.`,

  explain: `
The event is as in a trace: an event, or a tool's call, which the policy's \`tools\` turn into one. Nothing is recorded;
what \`limit\` and \`after\` count is unknown here.

Examples:
  $ capfence explain --policy policies/ops.yaml --tool run_command --args '{"cmd":"rm -r -f /srv"}'
  $ capfence explain --policy policies/ops.yaml --event event.json --json

Exit codes: 0 explained, whatever the answer, 2 wrong usage, an invalid policy, or not readable.`,

  simulate: `
A line of the trace is an event, a tool call, or a line of \`capfence logs --json\`:
  {"actor":"deploy","action":"delete","resource":"filesystem.workspace","args":{"command":"rm -rf /"}}
  {"tool":"execute_sql","args":{"query":"select 1"},"environment":"staging","recorded":"allow"}
Missing context: actor trace, environment production, risk medium. No database and no clock is read; \`limit\` and \`after\`
are built from the trace's own times (\`at\`; a line without one has the time of the line before).

Examples:
  $ capfence simulate --policy policies/ops.yaml --trace-file traces/ops.jsonl
  $ capfence logs --json | capfence simulate --policy new.yaml --trace-file - --json

Exit codes: 0 judged, 1 a decision differs from the recorded one, 2 wrong usage, an invalid policy, or a line
that is not JSON.`,

  verify: `
Without --trust, the keys in your trust.json and the head file of this user count, and it says so. One signature serves all
records of a commit, and is verified once. --state makes the file; keep it where whoever writes the database cannot.

Examples:
  $ capfence verify --audit-log .capfence/capfence.db
  $ capfence verify --audit-log copy.db --trust "$(cat writer.vkey)"
  $ capfence verify --state /var/lib/auditor/capfence.state --max-age 24h

Exit codes: 0 authentic and complete, 1 tampered, 2 wrong usage or not readable, 3 consistent but no key or head
from outside to hold it against, 4 truncated, rolled back or forked.`,

  rebuild: `
The state beside the trail is an index of it. What the trail does not bear out is removed, what is missing comes back;
records, calls and leases stay as they are.

Examples:
  $ capfence rebuild
  $ capfence rebuild --db .capfence/capfence.db --json

Exit codes: 0 done, 1 the trail was tampered with, 2 wrong usage or not readable, 4 the trail lost records.`,

  logs: `
Examples:
  $ capfence logs --limit 20
  $ capfence logs --decision deny --since 24h
  $ capfence logs --json --kind decision > trace.jsonl
  $ capfence logs --open

Exit codes: 0 listed, 1 a record cannot be read (run \`capfence verify\`), 2 wrong usage or not readable.`,

  reconcile: `
Only --outcome not_executed opens the identity again, and gives back what it used up. Refused while the process that
runs the tool shows signs of life.

Examples:
  $ capfence logs --open
  $ capfence reconcile call-42 --outcome not_executed --reason 'the bank has no such transfer'

Exit codes: 0 recorded, 1 the outcome is known, the tool may still run, or there is no such event, 2 wrong usage or
not readable.`,

  audit: `
A trail that is shorter than what is remembered of it, ends otherwise, or is gone, is not written to: every call is
denied (audit_rollback). Restore the newest copy where there is one. Else accept-loss goes on, and the record of it says
what was found and what was remembered. Agents that run have seen more, and go on denying until they are started anew.

Examples:
  $ capfence verify
  $ capfence audit accept-loss --reason 'the disk died, restored from the backup of the 3rd'

Exit codes: 0 recorded, or nothing is lost, 1 refused, 2 wrong usage, not readable, or what is left was tampered with.`,

  grant: `
A grant satisfies \`require_approval\` rules only, never a deny. Without an approver's key, one is made and pinned.

Examples:
  $ capfence grant --actor hotfix-agent --capability github.push.main --duration 600
  $ capfence grant --actor payer --capability 'payment.execute.*' --duration 24h --uses 3 --args '{"amount":{"lte":500}}'

Exit codes: 0 done, 1 it was refused or there is nothing of that id, 2 wrong usage or not readable.`,

  grants: `
Examples:
  $ capfence grants
  $ capfence grants --json

Exit codes: 0 listed, 2 wrong usage or not readable.`,

  revoke: `
Examples:
  $ capfence revoke grt-0123456789abcdef0123 --reason 'the hotfix is out'

Exit codes: 0 done, 1 it was refused or there is nothing of that id, 2 wrong usage or not readable.`,

  pending: `
Examples:
  $ capfence pending
  $ capfence pending --json

Exit codes: 0 listed, 2 wrong usage or not readable.`,

  approve: `
What is signed is what was shown, and nothing else: it may run once, until it expires.

Examples:
  $ capfence approve req-0123456789abcdef0123
  $ capfence approve req-0123456789abcdef0123 --by alice --yes --json

Exit codes: 0 done, 1 it was refused or there is nothing of that id, 2 wrong usage or not readable.`,

  reject: `
Examples:
  $ capfence reject req-0123456789abcdef0123 --reason 'not on a Friday'

Exit codes: 0 done, 1 it was refused or there is nothing of that id, 2 wrong usage or not readable.`,

  suspend: `
Examples:
  $ capfence suspend --all --reason 'incident 42'
  $ capfence suspend --actor payer

Exit codes: 0 done, 1 it was refused or there is nothing of that id, 2 wrong usage or not readable.`,

  resume: `
Examples:
  $ capfence resume --all
  $ capfence resume --actor payer

Exit codes: 0 done, 1 it was refused or there is nothing of that id, 2 wrong usage or not readable.`,

  mcp: `
Everything after \`--\` is started as it stands, without a shell, with CAPFENCE_AGENT=1 and of the environment with PATH,
HOME, LANG, LC_*, TZ, TMPDIR, USER, LOGNAME, SHELL, TERM and XDG_*_HOME alone; --env hands on more. A tool is
\`mcp.NAME.TOOL\` to the policy, or what the policy's \`tools\` say. Without --pins, a definition that changes while
the proxy runs is held back all the same.

Examples:
  $ capfence mcp --policy files.yaml --server files -- npx -y @modelcontextprotocol/server-filesystem /work
  $ capfence mcp --policy p.yaml --server docs --upstream https://mcp.example/mcp --upstream-token-env DOCS_TOKEN
  $ capfence mcp --policy p.yaml --upstream http://127.0.0.1:3001/mcp --listen 127.0.0.1:8808
  $ capfence mcp --policy p.yaml --server files --listen 0.0.0.0:8808 --token-file tokens --allow-host box.example -- node server.js

Exit codes: 0 the client left or the process was told to end, 2 wrong usage, an invalid policy, or no server to be had.`,

  mcpLock: `
Starts the server, asks for its tools, and writes what it says of them. Review the file and keep it with your code.

Examples:
  $ capfence mcp lock --pins mcp.lock.json --server files -- npx -y @modelcontextprotocol/server-filesystem /work
  $ capfence mcp lock --check --pins mcp.lock.json --server docs --upstream https://mcp.example/mcp

Exit codes: 0 done, 1 with --check: the server says something else than is pinned, 2 wrong usage or not readable.`,

  keys: `
Examples:
  $ capfence keys init
  $ capfence keys show --vkey > writer.vkey

Exit codes: 0 done, 2 wrong usage, no such key, or one that others can get at.`,
} as const
