import type { CommandSpec, OptionSpec } from '../program-spec.ts'
import { SHOW } from './git-read.ts'
import { MESSAGE } from './git-write.ts'
import { options } from './options.ts'

const DRY: readonly OptionSpec[] = options('-n,--dry-run', { cancels: ['vcs.destructive', 'fs.delete', 'fs.write'] })

/** Sub-commands that can lose what nothing else holds: changes of the work tree, or the only name of a commit. */
export const GIT_DISCARDS: Readonly<Record<string, CommandSpec>> = {
  rm: {
    effects: ['fs.delete'],
    options: [
      ...options('-f,--force', { effects: ['vcs.destructive'] }),
      ...options('--cached', { cancels: ['fs.delete', 'vcs.destructive'], operands: { rest: 'plain' } }),
      ...DRY,
      ...options('-r -q,--quiet --ignore-unmatch --sparse'),
    ],
    operands: { rest: 'delete' },
  },
  checkout: {
    effects: ['fs.write'],
    options: [
      ...options('-f,--force -B= --ours --theirs -m,--merge -p,--patch', { effects: ['vcs.destructive'] }),
      ...options('--pathspec-from-file=', { effects: ['vcs.destructive'] }),
      ...options('-b= --orphan=', { operands: { first: ['plain'] } }),
      ...options('--', { operands: { first: [], rest: 'git-discard' }, ends: true }),
      ...options(
        '-q,--quiet --progress --no-progress -t --track[=] --no-track -l -d,--detach -U= --unified= --inter-hunk-context= --guess --no-guess --conflict= --overlay --no-overlay --ignore-skip-worktree-bits --ignore-other-worktrees --overwrite-ignore --recurse-submodules[=] --no-recurse-submodules --pathspec-file-nul',
      ),
    ],
    operands: { first: ['git-branch'], rest: 'git-discard' },
  },
  switch: {
    effects: ['fs.write'],
    options: [
      ...options('-C,--force-create= -f,--force,--discard-changes', { effects: ['vcs.destructive'] }),
      ...options(
        '-c,--create= -d,--detach --guess --no-guess -q,--quiet --progress --no-progress -m,--merge --conflict= -t --track[=] --no-track --orphan= --ignore-other-worktrees --recurse-submodules[=] --no-recurse-submodules',
      ),
    ],
  },
  restore: {
    effects: ['fs.write'],
    options: [
      // Only the index changes, unless the work tree is named too.
      ...options('-S,--staged', { operands: { rest: 'plain' }, cancels: ['fs.write'] }),
      ...options('-W,--worktree', { operands: { rest: 'git-discard' }, effects: ['vcs.destructive'] }),
      ...options('--pathspec-from-file=', { effects: ['vcs.destructive'] }),
      ...options(
        '-s,--source= -p,--patch -q,--quiet --progress --no-progress --ours --theirs -m,--merge --conflict= --ignore-unmerged --ignore-skip-worktree-bits --recurse-submodules --no-recurse-submodules --overlay --no-overlay --pathspec-file-nul',
      ),
    ],
    operands: { rest: 'git-discard' },
  },
  reset: {
    options: [
      ...options('--hard --merge --keep', { effects: ['vcs.destructive', 'fs.write'] }),
      ...options(
        '--soft --mixed -q,--quiet --no-quiet -N,--intent-to-add -p,--patch --refresh --no-refresh --recurse-submodules --no-recurse-submodules --pathspec-file-nul',
      ),
      ...options('--pathspec-from-file=', { role: 'read' }),
    ],
  },
  clean: {
    effects: ['vcs.destructive', 'fs.delete'],
    options: [...DRY, ...options('-d -f,--force -i,--interactive -q,--quiet -e,--exclude= -x -X')],
  },
  stash: {
    withoutOperands: ['fs.write'],
    options: [
      ...MESSAGE,
      ...options(
        '-p,--patch -S,--staged -k,--keep-index --no-keep-index -u,--include-untracked -a,--all --index --only-untracked',
      ),
    ],
    subcommands: {
      drop: { effects: ['vcs.destructive'], options: options('-q,--quiet') },
      clear: { effects: ['vcs.destructive'] },
      list: SHOW,
      show: SHOW,
      push: {
        effects: ['fs.write'],
        options: [
          ...MESSAGE,
          ...options(
            '-p,--patch -S,--staged -k,--keep-index --no-keep-index -u,--include-untracked -a,--all --pathspec-file-nul',
          ),
          ...options('--pathspec-from-file=', { role: 'read' }),
        ],
      },
      save: {
        effects: ['fs.write'],
        options: options(
          '-p,--patch -S,--staged -k,--keep-index --no-keep-index -u,--include-untracked -a,--all -q,--quiet',
        ),
      },
      pop: { effects: ['fs.write'], options: options('--index -q,--quiet') },
      apply: { effects: ['fs.write'], options: options('--index -q,--quiet') },
      branch: { effects: ['fs.write'] },
      create: {},
      store: { options: options('-m,--message= -q,--quiet') },
    },
  },
  branch: {
    options: [
      ...options('-D -M -C -f,--force', { effects: ['vcs.destructive'] }),
      ...options(
        '-d,--delete -m,--move -c,--copy --create-reflog -i,--ignore-case --omit-empty --color[=] --no-color --column[=] --no-column --sort= -r,--remotes -a,--all -l,--list --show-current -v,-vv,--verbose -q,--quiet --abbrev= --no-abbrev -t --track[=] --no-track --recurse-submodules --set-upstream -u,--set-upstream-to= --unset-upstream --contains[=] --no-contains[=] --merged[=] --no-merged[=] --points-at= --format=',
      ),
      ...options('--edit-description', { effects: ['exec.unknown'] }),
    ],
  },
  gc: {
    options: [
      ...options('--prune=', { effects: ['vcs.destructive'] }),
      ...options('--aggressive --auto --no-prune -q,--quiet --force --keep-largest-pack --detach --no-detach'),
    ],
  },
  prune: {
    effects: ['vcs.destructive'],
    options: [...DRY, ...options('-v,--verbose --progress --no-progress --expire=')],
  },
  'filter-branch': { grammar: 'none', effects: ['vcs.destructive', 'code.inline'] },
  'filter-repo': { grammar: 'none', effects: ['vcs.destructive', 'code.inline'] },
  'update-ref': { effects: ['vcs.destructive'], options: options('-d -m= --no-deref --create-reflog --stdin -z') },
  'symbolic-ref': {
    options: [
      ...options('-d,--delete', { effects: ['vcs.destructive'] }),
      ...options('-q,--quiet --short --recurse --no-recurse -m='),
    ],
  },
  replace: { effects: ['vcs.destructive'], otherOptions: 'opaque' },
}
