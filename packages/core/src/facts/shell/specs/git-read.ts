import type { CommandSpec, OptionSpec } from '../program-spec.ts'
import { options } from './options.ts'

/** Options of `git diff`, which `log`, `show` and others take as well. */
const DIFF_OPTIONS: readonly OptionSpec[] = [
  ...options('--output=', { role: 'write' }),
  ...options('--no-index', { operands: { rest: 'read' } }),
  ...options('--ext-diff', { effects: ['code.local'] }),
  ...options(
    '-p,-u,--patch -s,--no-patch -U,--unified= --raw --patch-with-raw --indent-heuristic --no-indent-heuristic --minimal --patience --histogram --anchored= --diff-algorithm= --stat[=] --compact-summary --numstat --shortstat -X[=] --dirstat[=] --cumulative --dirstat-by-file[=] --summary --patch-with-stat -z --name-only --name-status --submodule[=] --color[=] --no-color --color-moved[=] --no-color-moved --color-moved-ws= --no-color-moved-ws --word-diff[=] --word-diff-regex= --color-words[=] --no-renames --rename-empty --no-rename-empty --check --ws-error-highlight= --full-index --binary --abbrev[=] --no-abbrev -B[=] --break-rewrites[=] -M[=] --find-renames[=] -C[=] --find-copies[=] --find-copies-harder -D --irreversible-delete -l= --diff-filter= -S= -G= --find-object= --pickaxe-all --pickaxe-regex -O= -R --relative[=] --no-relative -a,--text --ignore-cr-at-eol --ignore-space-at-eol -b,--ignore-space-change -w,--ignore-all-space --ignore-blank-lines -I= --ignore-matching-lines= --inter-hunk-context= -W,--function-context --exit-code --quiet --no-ext-diff --textconv --no-textconv --ignore-submodules[=] --src-prefix= --dst-prefix= --no-prefix --default-prefix --line-prefix= --ita-invisible-in-index --ita-visible-in-index --cached --staged --merge-base -0 -1 -2 -3 --ours --theirs --base --cc -c --combined-all-paths --skip-to= --rotate-to= --stat-width= --stat-name-width= --stat-count= --stat-graph-width= -q',
  ),
]

/** Options that pick and print commits. */
const LOG_OPTIONS: readonly OptionSpec[] = options(
  '--follow --decorate[=] --no-decorate --decorate-refs= --decorate-refs-exclude= --source --mailmap --no-mailmap --use-mailmap --full-diff --log-size -L= -n,--max-count= --skip= --since= --after= --until= --before= --since-as-filter= --author= --committer= --grep-reflog= --grep= --all-match --invert-grep -i,--regexp-ignore-case --basic-regexp -E,--extended-regexp -F,--fixed-strings -P,--perl-regexp --remove-empty --merges --no-merges --min-parents= --max-parents= --no-min-parents --no-max-parents --first-parent --exclude-first-parent-only --not --all --branches[=] --tags[=] --remotes[=] --glob= --exclude= --exclude-hidden= --reflog --alternate-refs --single-worktree --ignore-missing --bisect --stdin --cherry-mark --cherry-pick --left-only --right-only --cherry -g,--walk-reflogs --merge --boundary --simplify-by-decoration --show-pulls --full-history --dense --sparse --simplify-merges --ancestry-path[=] --date-order --author-date-order --topo-order --reverse --no-walk[=] --do-walk --pretty[=] --format= --abbrev-commit --no-abbrev-commit --oneline --encoding= --expand-tabs[=] --no-expand-tabs --notes[=] --no-notes --show-notes[=] --show-signature --relative-date --date= --parents --children --left-right --graph --no-graph --show-linear-break[=] -t -m --diff-merges= --no-diff-merges --dd --remerge-diff --clear-decorations --count --objects --objects-edge --unpacked --in-commit-order --header --timestamp --disk-usage[=] -r --root -x',
)

/** Prints commits with their changes. */
export const SHOW: CommandSpec = { options: [...DIFF_OPTIONS, ...LOG_OPTIONS], numeric: true }

/** Tells who wrote each line; of a file that is not in the repository as well. */
const BLAME: CommandSpec = {
  options: [
    ...options('-S= --contents= --ignore-revs-file=', { role: 'read' }),
    ...options(
      '-b --root --show-stats -L= -l -t --reverse -p,--porcelain --line-porcelain --incremental --encoding= --date= -M[=] -C[=] -h -c --score-debug -f,--show-name -n,--show-number -s -e,--show-email -w --abbrev= --color-by-age --color-lines --ignore-rev= --first-parent --progress --no-progress --minimal',
    ),
  ],
}

/** Sub-commands that look at a repository. */
export const GIT_READS: Readonly<Record<string, CommandSpec>> = {
  log: SHOW,
  show: SHOW,
  whatchanged: SHOW,
  'rev-list': SHOW,
  // Two paths of which one lies outside are compared as files.
  diff: { options: DIFF_OPTIONS, numeric: true, operands: { rest: 'git-path' } },
  'hash-object': {
    options: options('-t= -w --stdin --stdin-paths --no-filters --literally --path='),
    operands: { rest: 'read' },
  },
  'diff-tree': SHOW,
  'diff-index': { options: DIFF_OPTIONS },
  'diff-files': { options: DIFF_OPTIONS },
  'range-diff': {
    options: [...DIFF_OPTIONS, ...options('--creation-factor= --no-dual-color --left-only --right-only')],
  },
  shortlog: { options: [...LOG_OPTIONS, ...options('-s,--summary -e,--email -c --group= -w[=]')], numeric: true },
  reflog: {
    options: SHOW.options ?? [],
    numeric: true,
    subcommands: {
      expire: {
        effects: ['vcs.destructive'],
        options: [
          ...options('-n,--dry-run', { cancels: ['vcs.destructive'] }),
          ...options(
            '--all --single-worktree --expire= --expire-unreachable= --updateref --rewrite --stale-fix --verbose',
          ),
        ],
      },
      delete: {
        effects: ['vcs.destructive'],
        options: [
          ...options('-n,--dry-run', { cancels: ['vcs.destructive'] }),
          ...options('--updateref --rewrite --verbose'),
        ],
      },
      show: SHOW,
      exists: {},
      list: {},
      '*': SHOW,
    },
  },
  status: {
    options: options(
      '-s,--short -b,--branch --show-stash --porcelain[=] --long -v,--verbose -u[=] --untracked-files[=] --ignore-submodules[=] --ignored[=] -z --column[=] --no-column --ahead-behind --no-ahead-behind --renames --no-renames --find-renames[=]',
    ),
  },
  blame: BLAME,
  annotate: BLAME,
  grep: {
    numeric: true,
    options: [
      ...options('-O[=] --open-files-in-pager[=]', { role: 'shell', effects: ['code.local'] }),
      ...options('--ext-grep', { effects: ['exec.unknown'] }),
      ...options('-f=', { role: 'read' }),
      ...options('--no-index', { operands: { rest: 'read' } }),
      ...options(
        '--cached --untracked --no-exclude-standard --exclude-standard --recurse-submodules -i,--ignore-case -v,--invert-match -w,--word-regexp -a,--text --textconv --no-textconv -I -h -H --max-depth= -r,--recursive --no-recursive --full-name -E,--extended-regexp -G,--basic-regexp -P,--perl-regexp -F,--fixed-strings -n,--line-number --column -l,--files-with-matches,--name-only -L,--files-without-match -z,--null -o,--only-matching -c,--count --color[=] --no-color --break --heading -p,--show-function -A,--after-context= -B,--before-context= -C,--context= -m,--max-count= -W,--function-context --threads= -e= --and --or --not ( ) --all-match -q,--quiet',
      ),
    ],
  },
  fsck: {
    options: [
      ...options('--lost-found', { effects: ['fs.write'] }),
      ...options(
        '--tags --root --unreachable --cache --no-reflogs --full --no-full --connectivity-only --strict --verbose --dangling --no-dangling --progress --no-progress --name-objects --references',
      ),
    ],
  },
  // Shows a page of the manual; in a browser where it is asked to.
  help: {
    options: [
      ...options('-w,--web -i,--info', { effects: ['exec.unknown'] }),
      ...options('-a,--all -m,--man -g,--guides -c,--config --no-verbose --verbose'),
    ],
  },
  archive: {
    options: [
      ...options('-o,--output=', { role: 'write' }),
      ...options('--remote=', { role: 'url' }),
      ...options('--add-file=', { role: 'read' }),
      ...options('--exec=', { role: 'shell' }),
      ...options(
        '--format= -l,--list -v,--verbose --prefix= --add-virtual-file= --worktree-attributes --mtime= -0 -1 -2 -3 -4 -5 -6 -7 -8 -9',
      ),
    ],
  },
}

/** Sub-commands that look, whatever their options. */
export const GIT_PLAIN: readonly string[] =
  'cat-file check-attr check-ignore check-mailmap check-ref-format cherry count-objects describe for-each-ref get-tar-commit-id ls-files ls-tree merge-base merge-tree name-rev rev-parse show-branch show-index show-ref stripspace var verify-commit verify-pack verify-tag version write-tree mktree patch-id column'.split(
    ' ',
  )
