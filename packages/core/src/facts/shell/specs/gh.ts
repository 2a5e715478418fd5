import type { CommandSpec, ProgramSpec } from '../program-spec.ts'
import { options } from './options.ts'

const OPTIONS = options(
  '-R,--repo= --json= -q,--jq= -t,--template= -L,--limit= -s,--state= -a,--assignee= --author= -l,--label= -S,--search= -B,--base= -H,--head= -m,--milestone= -A,--app= -w,--web -c,--comments --log --log-failed -j,--job= --exit-status -v,--verbose --name-only --color= --patch --watch --interval= -i,--required --fail-fast --created= --event= -u,--user= --branch= -b= --commit= --workflow= -e= --attempt= --draft -d --visibility= --language= --topic= --source --fork --no-archived --archived --owner= --sort= --order= --match= --show-token --hostname= -h,--help --version -O= -y -f',
)
const READ: CommandSpec = { effects: ['net.connect'], options: OPTIONS }
const CHANGE: CommandSpec = { effects: ['net.connect', 'net.upload'], otherOptions: 'plain' }
const DESTROY: CommandSpec = { effects: ['net.connect', 'infra.destructive'], otherOptions: 'plain' }

/** The verbs of one kind of object. */
const VERBS: CommandSpec = {
  subcommands: {
    ...Object.fromEntries(
      ['list', 'ls', 'view', 'status', 'diff', 'checks', 'watch', 'get', 'search', 'token'].map((name) => [name, READ]),
    ),
    ...Object.fromEntries(
      ['delete', 'delete-asset', 'close', 'lock', 'archive', 'remove', 'cancel', 'disable', 'transfer', 'rename'].map(
        (name) => [name, DESTROY],
      ),
    ),
    ...Object.fromEntries(
      ['checkout', 'clone', 'download', 'develop', 'sync', 'fork'].map((name) => [
        name,
        { effects: ['net.connect', 'fs.write'], otherOptions: 'plain' } as const,
      ]),
    ),
    merge: { effects: ['net.connect', 'net.upload', 'vcs.destructive'], otherOptions: 'plain' },
    '*': CHANGE,
  },
}

/** `gh`: reads, and what changes a repository on the other side. An extension or an alias may run anything. */
export const gh: ProgramSpec = {
  names: ['gh'],
  options: options('-R,--repo= -h,--help --version'),
  subcommands: {
    ...Object.fromEntries(
      [
        'pr',
        'issue',
        'repo',
        'release',
        'run',
        'workflow',
        'label',
        'gist',
        'cache',
        'secret',
        'variable',
        'project',
        'ruleset',
        'org',
        'ssh-key',
        'gpg-key',
        'auth',
        'search',
      ].map((name) => [name, VERBS]),
    ),
    search: { subcommands: { '*': READ } },
    status: READ,
    browse: { effects: ['exec.unknown', 'net.connect'], otherOptions: 'plain' },
    api: {
      effects: ['net.connect'],
      options: [
        ...options('-X,--method=', { role: 'http-method' }),
        ...options('-f,--raw-field= -F,--field=', { role: 'data' }),
        ...options('--input=', { role: 'read', effects: ['net.upload'] }),
        ...options(
          '-H,--header= --hostname= --cache= -q,--jq= -t,--template= -p,--preview= --paginate --slurp -i,--include --silent --verbose -h,--help',
        ),
      ],
    },
    codespace: { effects: ['net.connect', 'exec.unknown'], otherOptions: 'plain' },
  },
  examples: [
    { line: 'gh pr list --state open', effects: ['net.connect'] },
    { line: 'gh pr create --fill', effects: ['net.connect', 'net.upload'] },
    { line: 'gh repo delete a --yes', effects: ['net.connect', 'infra.destructive'] },
    { line: 'gh my-alias', opaque: true },
  ],
}
