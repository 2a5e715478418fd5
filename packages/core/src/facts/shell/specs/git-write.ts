import type { CommandSpec, OptionSpec } from '../program-spec.ts'
import { options } from './options.ts'

/** What a command of git that opens an editor or a pager takes. */
export const MESSAGE: readonly OptionSpec[] = [
  ...options('-F,--file= -t,--template=', { role: 'read' }),
  ...options(
    '-m,--message= --cleanup= -S[=] --gpg-sign[=] --no-gpg-sign -e,--edit --no-edit --signoff --no-signoff -v,--verbose -q,--quiet --no-verify --verify -s',
  ),
]

const MERGE: readonly OptionSpec[] = options(
  '--commit --no-commit --ff --no-ff --ff-only --stat -n,--no-stat --compact-summary --squash --no-squash --log[=] --no-log --strategy= -X,--strategy-option= --autostash --no-autostash --allow-unrelated-histories --rerere-autoupdate --no-rerere-autoupdate --overwrite-ignore --no-overwrite-ignore --progress --no-progress --into-name= --abort --continue --quit',
)

/**
 * Sub-commands that change a repository or its work tree. What git keeps in its own folder is not counted as a write; files
 * of the work tree are, and work that is lost for good is `vcs.destructive`.
 */
export const GIT_WRITES: Readonly<Record<string, CommandSpec>> = {
  add: {
    options: [
      ...options('--pathspec-from-file=', { role: 'read' }),
      ...options(
        '-v,--verbose -n,--dry-run -f,--force -i,--interactive -p,--patch -e,--edit -A,--all --no-ignore-removal --ignore-removal --no-all -u,--update --sparse -N,--intent-to-add --refresh --ignore-errors --ignore-missing --no-warn-embedded-repo --renormalize --chmod= --pathspec-file-nul',
      ),
    ],
  },
  commit: {
    options: [
      ...MESSAGE,
      ...options('--pathspec-from-file=', { role: 'read' }),
      ...options(
        '-a,--all -p,--patch -C,--reuse-message= -c,--reedit-message= --fixup= --squash= --reset-author --short --branch --porcelain --long -z,--null --author= --date= -n -i,--include -o,--only -u[=] --untracked-files[=] --dry-run --status --no-status --trailer= --allow-empty --allow-empty-message --no-post-rewrite --pathspec-file-nul --amend',
      ),
    ],
  },
  mv: {
    options: options('-f,--force -k -n,--dry-run -v,--verbose --sparse'),
    operands: { rest: 'write', last: 'write' },
  },
  tag: {
    options: [
      ...options('-d,--delete -f,--force', { effects: ['vcs.destructive'] }),
      ...options('-F,--file=', { role: 'read' }),
      ...options(
        '-a,--annotate -s,--sign --no-sign -u,--local-user= -v,--verify -n[=] -l,--list --sort= --color[=] -i,--ignore-case --omit-empty --column[=] --no-column --contains[=] --no-contains[=] --merged[=] --no-merged[=] --points-at= -m,--message= -e,--edit --trailer= --cleanup= --create-reflog --format=',
      ),
    ],
  },
  merge: { effects: ['fs.write'], options: [...MESSAGE, ...MERGE] },
  rebase: {
    effects: ['fs.write'],
    options: [
      ...options('-x,--exec=', { role: 'shell' }),
      ...options(
        '--onto= --keep-base --apply --empty= --no-keep-empty --keep-empty --reapply-cherry-picks --no-reapply-cherry-picks --allow-empty-message --skip --edit-todo --show-current-patch -m --merge -s,--strategy= -X,--strategy-option= --rerere-autoupdate --no-rerere-autoupdate -S[=] --gpg-sign[=] --no-gpg-sign -q,--quiet -v,--verbose --stat -n,--no-stat --no-verify --verify -C= --no-ff --force-rebase -f --fork-point --no-fork-point --ignore-whitespace --whitespace= --committer-date-is-author-date --ignore-date --reset-author-date --signoff -i,--interactive -r[=] --rebase-merges[=] --no-rebase-merges --autosquash --no-autosquash --autostash --no-autostash --reschedule-failed-exec --no-reschedule-failed-exec --update-refs --no-update-refs --root --abort --continue --quit',
      ),
    ],
  },
  'cherry-pick': {
    effects: ['fs.write'],
    options: [
      ...MESSAGE,
      ...MERGE,
      ...options('-x -n -m,--mainline= --allow-empty --allow-empty-message --keep-redundant-commits --skip --empty='),
    ],
  },
  revert: {
    effects: ['fs.write'],
    options: [...MESSAGE, ...MERGE, ...options('-n -m,--mainline= --skip --reference')],
  },
  apply: {
    effects: ['fs.write'],
    options: [
      ...options('--stat --numstat --summary --check', { cancels: ['fs.write'] }),
      ...options('--directory=', { role: 'write' }),
      ...options(
        '--index --cached -N,--intent-to-add -3,--3way --ours --theirs --union -R,--reverse --reject -z -p= -C= --unidiff-zero --no-add --allow-binary-replacement --binary --exclude= --include= --ignore-space-change --ignore-whitespace --whitespace= --inaccurate-eof -v,--verbose -q,--quiet --recount --unsafe-paths --allow-empty',
      ),
    ],
    operands: { rest: 'read' },
  },
  am: {
    effects: ['fs.write'],
    options: [...MESSAGE, ...options('-3,--3way --abort --continue --skip --quit -k -b -u --keep-cr -p= -i --reject')],
    operands: { rest: 'read' },
  },
  'format-patch': {
    effects: ['fs.write'],
    options: [
      ...options('-o,--output-directory= --output=', { role: 'write' }),
      ...options('--stdout', { cancels: ['fs.write'] }),
      ...options(
        '-n,--numbered -N,--no-numbered -k --cover-letter -s --signoff --thread[=] --subject-prefix= -v,--reroll-count= --root -1 -2 -3 -4 -5 -6 -7 -8 -9',
      ),
    ],
    numeric: true,
  },
  init: {
    options: [
      ...options('--template=', { effects: ['code.local'] }),
      ...options('--separate-git-dir=', { role: 'write' }),
      ...options('-q,--quiet --bare --object-format= --ref-format= -b,--initial-branch= --shared[=]'),
    ],
    operands: { rest: 'write' },
    effects: ['fs.write'],
  },
  bisect: {
    effects: ['fs.write'],
    subcommands: {
      run: { grammar: 'none', operands: { first: ['command'] } },
      '*': {
        effects: ['fs.write'],
        options: options('--no-checkout --first-parent --term-new= --term-old= --term-good= --term-bad='),
      },
    },
  },
  worktree: {
    subcommands: {
      list: { options: options('-v,--verbose --porcelain -z') },
      add: {
        effects: ['fs.write'],
        options: [
          ...options('-B= -f,--force', { effects: ['vcs.destructive'] }),
          ...options(
            '-b= -d,--detach --checkout --no-checkout --lock --reason= -q,--quiet --track --no-track --guess-remote --no-guess-remote --orphan --relative-paths',
          ),
        ],
        operands: { first: ['write'] },
      },
      remove: { operands: { rest: 'delete' }, options: options('-f,--force', { effects: ['vcs.destructive'] }) },
      prune: { options: options('-n,--dry-run -v,--verbose --expire=') },
      move: { operands: { rest: 'write', last: 'write' } },
      lock: { options: options('--reason=') },
      unlock: {},
      repair: {},
    },
  },
  notes: {
    options: options('--ref='),
    subcommands: {
      list: {},
      show: {},
      add: { options: [...MESSAGE, ...options('-f,--force -C= -c=')] },
      append: { options: MESSAGE },
      remove: { effects: ['vcs.destructive'] },
      '*': { effects: ['vcs.destructive'] },
    },
  },
  config: {
    options: [
      ...options(
        '--get --get-all --get-regexp --get-urlmatch= --list,-l --show-origin --show-scope --name-only --get-color --get-colorbool',
        { cancels: ['code.inline', 'persist'], operands: { first: ['plain'] } },
      ),
      ...options('-f,--file= --blob=', { effects: ['code.inline', 'fs.write'] }),
      ...options('-e,--edit --replace-all --rename-section --remove-section', { effects: ['code.inline'] }),
      ...options('--global --system', { effects: ['persist'] }),
      ...options(
        '--local --worktree --add --unset --unset-all -z,--null --type= --bool --int --bool-or-int --path --expiry-date --includes --no-includes --default= --all --value= --fixed-value --comment=',
      ),
    ],
    operands: { first: ['git-config'] },
  },
  'sparse-checkout': { effects: ['fs.write'], otherOptions: 'plain' },
  rerere: { otherOptions: 'plain' },
  maintenance: { effects: ['persist'], otherOptions: 'plain' },
  'update-index': {
    options: options(
      '--assume-unchanged --no-assume-unchanged --skip-worktree --no-skip-worktree --refresh --really-refresh -q --add --remove --chmod= --force-remove --stdin -z --verbose',
    ),
  },
}
