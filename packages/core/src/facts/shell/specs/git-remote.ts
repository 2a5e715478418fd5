import type { CommandSpec, OptionSpec } from '../program-spec.ts'
import { options } from './options.ts'

/** Options that name the program on the other end; where that is a folder, it runs here. */
const PACKS: readonly OptionSpec[] = options('--upload-pack= --receive-pack= --exec=', {
  role: 'shell',
  effects: ['exec.unknown'],
})

const FETCH: readonly OptionSpec[] = [
  ...PACKS,
  ...options(
    '-a,--append --atomic --depth= --deepen= --shallow-since= --shallow-exclude= --unshallow --update-shallow --negotiation-tip= --negotiate-only --porcelain --write-fetch-head --no-write-fetch-head -f,--force -k,--keep --multiple --auto-maintenance --no-auto-maintenance --auto-gc --no-auto-gc --write-commit-graph --no-write-commit-graph --prefetch -p,--prune -P,--prune-tags -n,--no-tags -t,--tags --refetch --refmap= --recurse-submodules[=] --no-recurse-submodules -j,--jobs= --set-upstream -u,--update-head-ok -q,--quiet -v,--verbose --progress --no-progress -o,--server-option= --show-forced-updates --no-show-forced-updates -4,--ipv4 -6,--ipv6 --filter= --dry-run --all --stdin',
  ),
]

/** Sub-commands that reach other repositories. */
export const GIT_REMOTES: Readonly<Record<string, CommandSpec>> = {
  fetch: { effects: ['net.connect'], options: FETCH, operands: { first: ['url'] } },
  pull: {
    effects: ['net.connect', 'fs.write'],
    options: [
      ...FETCH,
      ...options(
        '--commit --no-commit --edit --no-edit -e --cleanup= --ff-only --ff --no-ff -S[=] --gpg-sign[=] --log[=] --no-log --signoff --no-signoff --stat --no-stat --squash --no-squash --verify --no-verify -s,--strategy= -X,--strategy-option= --verify-signatures --no-verify-signatures --summary --no-summary --autostash --no-autostash --allow-unrelated-histories -r --rebase[=] --no-rebase',
      ),
    ],
    operands: { first: ['url'] },
  },
  clone: {
    effects: ['net.connect', 'fs.write'],
    options: [
      ...PACKS,
      ...options('-u=', { role: 'shell', effects: ['exec.unknown'] }),
      ...options('-c,--config=', { role: 'git-config' }),
      ...options('--template=', { effects: ['code.local'] }),
      ...options('--reference= --reference-if-able=', { role: 'read' }),
      ...options('--separate-git-dir=', { role: 'write' }),
      ...options(
        '-v,--verbose -q,--quiet --progress --reject-shallow --no-reject-shallow -n,--no-checkout --bare --mirror -l,--local --no-local --no-hardlinks -s,--shared --recurse-submodules[=] --recursive[=] -j,--jobs= --dissociate -o,--origin= -b,--branch= --revision= --depth= --shallow-since= --shallow-exclude= --single-branch --no-single-branch --no-tags --tags --shallow-submodules --no-shallow-submodules --remote-submodules --filter= --also-filter-submodules --server-option= -4,--ipv4 -6,--ipv6 --sparse --bundle-uri= --ref-format=',
      ),
    ],
    operands: { first: ['url'], rest: 'write' },
  },
  push: {
    effects: ['net.connect', 'net.upload'],
    options: [
      ...PACKS,
      ...options('-f,--force --force-with-lease[=] --force-if-includes --mirror -d,--delete --prune', {
        effects: ['vcs.destructive'],
      }),
      ...options('-n,--dry-run', { cancels: ['vcs.destructive', 'net.upload'] }),
      ...options('--repo=', { role: 'url' }),
      ...options(
        '-v,--verbose -q,--quiet --all --branches --tags --porcelain --recurse-submodules= --thin --no-thin -u,--set-upstream --progress --no-progress --no-verify --verify --follow-tags --no-follow-tags --signed[=] --no-signed --atomic --no-atomic -o,--push-option= -4,--ipv4 -6,--ipv6 --no-force-with-lease --no-force-if-includes',
      ),
    ],
    operands: { first: ['url'], rest: 'git-refspec' },
  },
  remote: {
    options: options('-v,--verbose'),
    subcommands: {
      add: {
        options: options('-t= -m= -f --fetch --tags --no-tags --mirror[=]'),
        operands: { first: ['plain', 'url'] },
      },
      'set-url': { options: options('--push --add --delete'), operands: { first: ['plain', 'url'] } },
      'get-url': { options: options('--push --all') },
      rename: { options: options('--progress --no-progress') },
      remove: {},
      rm: {},
      show: { effects: ['net.connect'], options: options('-n') },
      prune: { effects: ['net.connect'], options: options('-n,--dry-run') },
      update: { effects: ['net.connect'], options: options('-p,--prune') },
      'set-head': { options: options('-a,--auto -d,--delete') },
      'set-branches': { options: options('--add') },
    },
  },
  'ls-remote': {
    effects: ['net.connect'],
    options: [
      ...PACKS,
      ...options(
        '-h,--heads --branches -t,--tags --refs -q,--quiet --exit-code --get-url --sort= --symref -o,--server-option=',
      ),
    ],
    operands: { first: ['url'] },
  },
  submodule: {
    options: options('-q,--quiet --cached'),
    subcommands: {
      status: { options: options('--cached --recursive') },
      summary: { otherOptions: 'plain' },
      init: {},
      sync: { options: options('--recursive') },
      add: {
        effects: ['net.connect', 'fs.write'],
        options: options('-b,--branch= -f,--force --name= --reference= --depth='),
        operands: { first: ['url'] },
      },
      update: {
        effects: ['net.connect', 'fs.write'],
        options: options(
          '--init --remote -N,--no-fetch --recommend-shallow --no-recommend-shallow -f,--force --checkout --merge --rebase --reference= --recursive --jobs= -j= --single-branch --no-single-branch --depth= --filter= --progress',
        ),
      },
      deinit: { effects: ['vcs.destructive', 'fs.delete'], options: options('-f,--force --all') },
      foreach: { grammar: 'posix', options: options('--recursive'), operands: { rest: 'shell' } },
      absorbgitdirs: {},
    },
  },
  lfs: {
    subcommands: {
      ls: {},
      'ls-files': { otherOptions: 'plain' },
      status: {},
      track: { effects: ['fs.write'] },
      untrack: { effects: ['fs.write'] },
      env: {},
      version: {},
      install: { effects: ['persist'], otherOptions: 'plain' },
      fetch: { effects: ['net.connect'], otherOptions: 'plain' },
      pull: { effects: ['net.connect', 'fs.write'], otherOptions: 'plain' },
      push: { effects: ['net.connect', 'net.upload'], otherOptions: 'plain' },
    },
  },
  bundle: {
    subcommands: {
      create: { operands: { first: ['write'] }, otherOptions: 'plain' },
      verify: { operands: { first: ['read'] } },
      'list-heads': { operands: { first: ['read'] } },
    },
  },
}
