import type { OptionSpec, ProgramSpec } from '../program-spec.ts'
import { alike, options } from './options.ts'

/** The first operand is what to look for, unless an option says it. */
const PATTERN = { first: [] } as const

const GREP: readonly OptionSpec[] = [
  ...options('-e,--regexp=', { operands: PATTERN }),
  ...options('-f,--file=', { role: 'read', operands: PATTERN }),
  ...options('--exclude-from=', { role: 'read' }),
  ...options('-r,--recursive -R,--dereference-recursive', { operands: { default: '.' } }),
  ...options(
    '-E,--extended-regexp -F,--fixed-strings -G,--basic-regexp -P,--perl-regexp -i,-y,--ignore-case --no-ignore-case -w,--word-regexp -x,--line-regexp -z,--null-data -s,--no-messages -v,--invert-match -V,--version --help -m,--max-count= -b,--byte-offset -n,--line-number --line-buffered -H,--with-filename -h,--no-filename --label= -o,--only-matching -q,--quiet,--silent --binary-files= -a,--text -I -d,--directories= -D,--devices= --include= --exclude= --exclude-dir=  -L,--files-without-match -l,--files-with-matches -c,--count -T,--initial-tab -Z,--null -B,--before-context= -A,--after-context= -C,--context= --group-separator= --no-group-separator --color[=] --colour[=] -U,--binary -u,--unix-byte-offsets -S -O -p -J -M -X',
  ),
]

/** Programs that look for text in files, or for files. */
export const search: readonly ProgramSpec[] = [
  ...alike(
    'grep egrep fgrep zgrep zegrep zfgrep bzgrep xzgrep rgrep',
    { options: GREP, numeric: true, operands: { first: ['plain'], rest: 'read' } },
    (name) => ({ line: `${name} -n --incl='*.ts' x src`, effects: [{ kind: 'fs.read', targets: ['src'] }] }),
  ),
  {
    names: ['rg'],
    options: [
      ...options('--pre= --hostname-bin=', { role: 'command' }),
      ...options('-z,--search-zip', { effects: ['exec.unknown'] }),
      ...options('-e,--regexp=', { operands: PATTERN }),
      ...options('-f,--file=', { role: 'read', operands: PATTERN }),
      ...options('--files --type-list', { operands: PATTERN }),
      ...options('--ignore-file=', { role: 'read' }),
      ...options(
        '-A,--after-context= -B,--before-context= -C,--context= -E,--encoding= --engine= --dfa-size-limit= --regex-size-limit= -g,--glob= --iglob= -M,--max-columns= -m,--max-count= -d,--max-depth= --max-filesize= --mmap --no-mmap -j,--threads= -r,--replace= --sort= --sortr= -t,--type= -T,--type-not= --type-add= --type-clear= --color= --colors= --context-separator= --field-context-separator= --field-match-separator= --path-separator= --hyperlink-format= --pre-glob= --generate=',
      ),
      ...options(
        '-s,--case-sensitive --crlf -F,--fixed-strings -i,--ignore-case -v,--invert-match -x,--line-regexp -U,--multiline --multiline-dotall --no-unicode --null-data -P,--pcre2 -S,--smart-case -a,--text -w,--word-regexp --auto-hybrid-regex --binary -L,--follow --glob-case-insensitive -.,--hidden --ignore-file-case-insensitive --no-ignore --no-ignore-dot --no-ignore-exclude --no-ignore-files --no-ignore-global --no-ignore-parent --no-ignore-vcs --no-require-git --one-file-system -u,--unrestricted --block-buffered -b,--byte-offset --column --heading --no-heading -h,--help --include-zero --line-buffered -n,--line-number -N,--no-line-number --max-columns-preview -0,--null -o,--only-matching --passthru -p,--pretty -q,--quiet --trim --no-trim --vimgrep -H,--with-filename -I,--no-filename -c,--count --count-matches -l,--files-with-matches --files-without-match --json --debug --no-ignore-messages --no-messages --stats --trace --no-config --no-pcre2-unicode --pcre2-version -V,--version --no-hidden --no-follow --no-multiline --no-text --no-column --no-pre',
      ),
    ],
    operands: { first: ['plain'], rest: 'read', default: '.' },
    examples: [
      { line: 'rg -n TODO src', effects: [{ kind: 'fs.read', targets: ['src'] }] },
      { line: 'rg TODO', effects: [{ kind: 'fs.read', targets: ['.'] }] },
      { line: 'rg --pre x TODO', effects: ['exec.unknown', 'fs.read'] },
    ],
  },
  ...alike(
    'ag ack',
    {
      options: [
        ...options('--pager=', { role: 'shell' }),
        ...options('--ackrc=', { effects: ['code.local'] }),
        ...options('--output=', { effects: ['code.inline'] }),
        ...options(
          '-G,--file-search-regex= -A= -B= -C= -m,--max-count= --ignore= --ignore-dir= --depth= -W,--width= -p,--path-to-ignore=',
        ),
        ...options(
          '-a,--all-types -c,--count -f,--follow -F,--fixed-strings -g= -H,--heading --noheading -i,--ignore-case -l,--files-with-matches -L,--files-without-matches -n,--norecurse -o,--only-matching -Q,--literal -r,--recurse -R -s,--case-sensitive -S,--smart-case -t,--all-text -u,--unrestricted -U,--skip-vcs-ignores -v,--invert-match -w,--word-regexp -z,--search-zip --hidden --nogroup --group --color --nocolor --column --numbers --nonumbers --stats --vimgrep --silent',
        ),
      ],
      operands: { first: ['plain'], rest: 'read', default: '.' },
    },
    (name) => ({ line: `${name} -i x src`, effects: [{ kind: 'fs.read', targets: ['src'] }] }),
  ),
  ...alike(
    'fd fdfind',
    {
      options: [
        ...options('-x,--exec -X,--exec-batch').map((option) => ({
          ...option,
          value: 'until' as const,
          role: 'command' as const,
        })),
        ...options('--base-directory=', { folder: true }),
        ...options('--ignore-file=', { role: 'read' }),
        ...options('--search-path=', { role: 'read' }),
        ...options(
          '-H,--hidden -I,--no-ignore -u,--unrestricted --no-ignore-vcs --no-ignore-parent --no-global-ignore-file -s,--case-sensitive -i,--ignore-case -g,--glob --regex -F,--fixed-strings --and= -a,--absolute-path -l,--list-details -L,--follow -p,--full-path -0,--print0 -d,--max-depth= --min-depth= --exact-depth= -E,--exclude= --prune -t,--type= -e,--extension= -S,--size= --changed-within= --changed-before= -o,--owner= --format= --batch-size= -c,--color= --hyperlink[=] -j,--threads= --max-results= -1 -q,--quiet --show-errors --path-separator= --strip-cwd-prefix[=] --one-file-system -h,--help -V,--version',
        ),
      ],
      // Names are added to the command where it has no place for them.
      stdin: 'words',
      operands: { first: ['plain'], rest: 'read', default: '.' },
    },
    (name) => ({ line: `${name} -e o -x rm`, effects: ['fs.read', 'fs.delete'] }),
  ),
  ...alike(
    'locate mlocate plocate whereis which type pgrep pidof apropos whatis',
    { otherOptions: 'plain', options: options('-d,--database= -n,--limit= -l -u= -U= -P= -g= -t= -f=') },
    (name) => ({ line: `${name} a`, effects: ['exec'] }),
  ),
]
