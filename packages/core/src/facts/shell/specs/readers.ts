import type { ProgramSpec } from '../program-spec.ts'
import { alike, GNU, options } from './options.ts'

const readsA = (name: string) => ({ line: `${name} a`, effects: [{ kind: 'fs.read', targets: ['a'] }] }) as const

/** Programs that print files, or what is known of them. None has an option that writes, runs or connects, unless it is listed. */
export const readers: readonly ProgramSpec[] = [
  {
    names: ['ls'],
    options: [
      ...GNU,
      ...options(
        '-a,--all -A,--almost-all --author -b,--escape --block-size= -B,--ignore-backups -c -C --color[=] -d,--directory -D,--dired -f -F --classify[=] --file-type --format= --full-time -g --group-directories-first -G,--no-group -h,--human-readable --si -H,--dereference-command-line --dereference-command-line-symlink-to-dir --hide= --hyperlink[=] --indicator-style= -i,--inode -I,--ignore= -k,--kibibytes -l -L,--dereference -m -n,--numeric-uid-gid -N,--literal -o -p -q,--hide-control-chars --show-control-chars -Q,--quote-name --quoting-style= -r,--reverse -R,--recursive -s,--size -S --sort= --time= --time-style= -t -T,--tabsize= -u -U -v -w,--width= -x -X -Z,--context --zero -1 -O -@ -e -W',
      ),
    ],
    otherOptions: 'plain',
    operands: { rest: 'read', default: '.' },
    examples: [
      { line: 'ls -la src', effects: [{ kind: 'fs.read', targets: ['src'] }], flags: ['l', 'all'] },
      { line: 'ls', effects: [{ kind: 'fs.read', targets: ['.'] }] },
    ],
  },
  ...alike(
    'dir vdir eza exa',
    {
      options: options('-I,--ignore= -w,--width= -T,--tabsize= -L,--level= -s,--sort= -t,--time= --color=  -h'),
      otherOptions: 'plain',
      operands: { rest: 'read', default: '.' },
    },
    readsA,
  ),
  {
    names: ['tree'],
    options: [
      ...options('-o=', { role: 'write' }),
      ...options('-R', { effects: ['fs.write'] }),
      ...options('--fromfile --fromtabfile --infofile= --gitfile='),
      ...options(
        '-a -d -l -f -x -L= -P= -I= --gitignore --ignore-case --matchdirs --metafirst --prune --info --noreport --charset= --filelimit= -q -N -Q -p -u -g -s -h --si --du -D --timefmt= -F --inodes --device -v -t -c -U -r --dirsfirst --filesfirst --sort= -i -A -S -n -C -X -J -H= -T= --nolinks --hintro= --houtro= --version --help --',
      ),
    ],
    operands: { rest: 'read', default: '.' },
    examples: [
      { line: "tree -L 2 -I 'node_modules|dist' src", effects: [{ kind: 'fs.read', targets: ['src'] }] },
      { line: 'tree -o out', effects: ['fs.read', { kind: 'fs.write', targets: ['out'] }] },
    ],
  },
  ...alike(
    'cat tac nl rev',
    {
      options: options(
        '-s= -w,--number-width= -b,--body-numbering= -d,--section-delimiter= -f,--footer-numbering= -h,--header-numbering= -i,--line-increment= -l,--join-blank-lines= -v,--starting-line-number=',
      ),
      otherOptions: 'plain',
      operands: { rest: 'read' },
    },
    readsA,
  ),
  ...alike(
    'zcat gzcat bzcat xzcat zstdcat lz4cat',
    {
      options: options(
        '-c --stdout -d --decompress -f,--force -k,--keep -q,--quiet -v,--verbose -s,--small -h,--help -V,--version -l,--list -t,--test',
      ),
      operands: { rest: 'read' },
    },
    readsA,
  ),
  {
    names: ['head'],
    options: [...GNU, ...options('-c,--bytes= -n,--lines= -q,--quiet,--silent -v,--verbose -z,--zero-terminated')],
    numeric: true,
    operands: { rest: 'read' },
    examples: [
      { line: 'head -20 a', effects: [{ kind: 'fs.read', targets: ['a'] }] },
      { line: 'head -n 5 a b', effects: [{ kind: 'fs.read', targets: ['a', 'b'] }] },
    ],
  },
  {
    names: ['tail'],
    options: [
      ...GNU,
      ...options(
        '-c,--bytes= -f --follow[=] -F -n,--lines= --max-unchanged-stats= --pid= -q,--quiet,--silent --retry -r -s,--sleep-interval= -v,--verbose -z,--zero-terminated --debug',
      ),
    ],
    numeric: true,
    operands: { rest: 'read' },
    examples: [{ line: 'tail -n +2 -f a', effects: [{ kind: 'fs.read', targets: ['a'] }] }],
  },
  ...alike(
    'bat batcat',
    {
      options: [
        ...options('--pager=', { role: 'shell' }),
        ...options(
          '-A,--show-all -p,--plain -l,--language= -H,--highlight-line= --file-name= -d,--diff --diff-context= --tabs= --wrap= -S,--chop-long-lines --terminal-width= -n,--number --color= --italic-text= --decorations= -f,--force-colorization --paging= -P,--no-pager -m,--map-syntax= --theme= --list-themes --style= -r,--line-range= -L,--list-languages -u,--unbuffered -h,--help -V,--version',
        ),
      ],
      operands: { rest: 'read' },
    },
    readsA,
  ),
  ...alike(
    'wc',
    {
      options: [
        ...GNU,
        ...options('-c,--bytes -m,--chars -l,--lines -L,--max-line-length -w,--words --total='),
        // Names of files that the line does not say.
        ...options('--files0-from=', { effects: ['fs.read'], operands: { rest: 'plain' } }),
      ],
      operands: { rest: 'read' },
    },
    readsA,
  ),
  ...alike(
    'stat',
    {
      options: options(
        '-L,--dereference -f,--file-system --cached= -c,--format= --printf= -t= --terse -x -r -s -n -q -l -F --help --version',
      ),
      otherOptions: 'plain',
      operands: { rest: 'read' },
    },
    readsA,
  ),
  ...alike(
    'du',
    {
      options: [
        ...GNU,
        ...options('-X,--exclude-from=', { role: 'read' }),
        ...options('--files0-from=', { effects: ['fs.read'], operands: { rest: 'plain' } }),
        ...options(
          '-0,--null -a,--all --apparent-size -A -B,--block-size= -b,--bytes -c,--total -D,--dereference-args -d,--max-depth= -H -h,--human-readable --inodes -k -L,--dereference -l,--count-links -m -g -P,--no-dereference -S,--separate-dirs --si -s,--summarize -t,--threshold= --time[=] --time-style= --exclude= -x,--one-file-system -I=',
        ),
      ],
      operands: { rest: 'read', default: '.' },
    },
    readsA,
  ),
  {
    names: ['file'],
    options: [
      ...options('-m,--magic-file= -f,--files-from=', { role: 'read' }),
      ...options('-C,--compile', { effects: ['fs.write'] }),
      // It starts programs that unpack.
      ...options('-z,--uncompress -Z,--uncompress-noreport', { effects: ['exec.unknown'] }),
      ...options(
        '--help -v,--version -b,--brief -c,--checking-printout -e,--exclude= --exclude-quiet= -F,--separator= -i --mime -I --mime-type --mime-encoding --apple --extension -k,--keep-going -l,--list -L,--dereference -h,--no-dereference -n,--no-buffer -N,--no-pad -0,--print0 -p,--preserve-date -P,--parameter= -r,--raw -s,--special-files -S,--no-sandbox -d,--debug -E',
      ),
    ],
    operands: { rest: 'read' },
    examples: [
      { line: 'file -b --mime-type a', effects: [{ kind: 'fs.read', targets: ['a'] }] },
      { line: 'file -C -m a', effects: ['fs.read', 'fs.write'] },
    ],
  },
  ...alike(
    'comm cmp',
    {
      options: options(
        '-1 -2 -3 -z,--zero-terminated --total --check-order --nocheck-order --output-delimiter= -b,--print-bytes -i,--ignore-initial= -l,--verbose -n,--bytes= -s,--quiet,--silent -v,--version --help',
      ),
      operands: { rest: 'read' },
    },
    (name) => ({ line: `${name} a b`, effects: [{ kind: 'fs.read', targets: ['a', 'b'] }] }),
  ),
  ...alike(
    'diff colordiff',
    {
      options: [
        ...options('-X,--exclude-from= --from-file= --to-file=', { role: 'read' }),
        ...options('-l,--paginate', {}),
        ...options(
          '--normal -q,--brief -s,--report-identical-files -c -C= --context[=] -u -U= --unified[=] -e,--ed -n -y,--side-by-side -W,--width= --left-column --suppress-common-lines -p,--show-c-function -F,--show-function-line= -L,--label= -t,--expand-tabs -T,--initial-tab --tabsize= --suppress-blank-empty -r,--recursive --no-dereference -N,--new-file --unidirectional-new-file --ignore-file-name-case --no-ignore-file-name-case -x,--exclude= -S,--starting-file= -i,--ignore-case -E,--ignore-tab-expansion -Z,--ignore-trailing-space -b,--ignore-space-change -w,--ignore-all-space -B,--ignore-blank-lines -I,--ignore-matching-lines= -a,--text --strip-trailing-cr -D,--ifdef= --line-format= --old-line-format= --new-line-format= --unchanged-line-format= --old-group-format= --new-group-format= --unchanged-group-format= --changed-group-format= -d,--minimal --horizon-lines= --speed-large-files --color[=] --palette= -1 -2 -3 -m,--merge -A -v,--version --help --bytes= --print-bytes --verbose --quiet --silent --check-order --nocheck-order --output-delimiter= --total -z,--zero-terminated',
        ),
      ],
      operands: { rest: 'read' },
    },
    (name) => ({ line: `${name} a b`, effects: [{ kind: 'fs.read', targets: ['a', 'b'] }] }),
  ),
  ...alike(
    'diff3 sdiff',
    {
      options: [
        ...options('-o,--output=', { role: 'write' }),
        ...options('--diff-program=', { role: 'shell' }),
        ...options(
          '-A,--show-all -e,--ed -E,--show-overlap -3,--easy-only -x,--overlap-only -X -i -m,--merge -L,--label= -a,--text -T,--initial-tab --strip-trailing-cr -s,--suppress-common-lines -w,--width= -W,--ignore-all-space -b -B -d,--minimal -H -l,--left-column -t -v,--version --help',
        ),
      ],
      operands: { rest: 'read' },
    },
    (name) => ({ line: `${name} a b`, effects: [{ kind: 'fs.read', targets: ['a', 'b'] }] }),
  ),
  ...alike(
    'md5sum sha1sum sha224sum sha256sum sha384sum sha512sum b2sum cksum sum shasum md5 crc32 base32 basenc od hexdump hd',
    {
      options: options(
        '-w,--wrap= -n,--bytes= -t,--format= -A,--address-radix= -j,--skip-bytes= -N,--read-bytes= -s= -e= -a= --algorithm= -i,--input=',
        {},
      ),
      otherOptions: 'plain',
      operands: { rest: 'read' },
    },
    readsA,
  ),
  ...alike(
    'readelf objdump nm size',
    { options: options('--plugin=', { effects: ['code.local'] }), otherOptions: 'plain', operands: { rest: 'object' } },
    readsA,
  ),
  ...alike('strings', { otherOptions: 'plain', operands: { rest: 'object' } }, readsA),
  // It may start the program that it looks at.
  ...alike(
    'ldd',
    { options: options('-v,--verbose -u,--unused -d -r --version --help'), operands: { rest: 'script' } },
    (name) => ({
      line: `${name} a`,
      effects: ['code.local'],
    }),
  ),
  ...alike(
    'base64',
    {
      options: [
        ...options('-o,--output=', { role: 'write' }),
        ...options('-i -D -d,--decode -w,--wrap= -b,--break= -h,--help --version --ignore-garbage'),
      ],
      operands: { rest: 'read' },
    },
    readsA,
  ),
  ...alike(
    'realpath readlink basename dirname namei pathchk',
    { options: options('-s,--suffix= --relative-to= --relative-base='), otherOptions: 'plain' },
    (name) => ({ line: `${name} a`, effects: ['exec'] }),
  ),
]
