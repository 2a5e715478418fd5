import type { OptionSpec, ProgramSpec } from '../program-spec.ts'
import { alike, options } from './options.ts'

const PACKS = { values: { file: 'copy-to' }, operands: { rest: 'read' } } as const

const TAR: readonly OptionSpec[] = [
  ...options('-c,--create -r,--append -u,--update -A,--catenate,--concatenate', PACKS),
  ...options('-x,--extract,--get', { effects: ['fs.write'] }),
  ...options('--delete', { values: { file: 'copy-to' }, effects: ['fs.write'] }),
  ...options('-f,--file=', { role: 'copy-from', fromStart: true }),
  ...options('-O,--to-stdout'),
  ...options(
    '-I,--use-compress-program= --to-command= -F,--info-script,--new-volume-script= --rsh-command= --rmt-command=',
    { role: 'shell' },
  ),
  ...options('--checkpoint-action=', { effects: ['code.inline'] }),
  ...options('--remove-files --recursive-unlink --unlink-first,-U', { effects: ['fs.delete'] }),
  ...options('-C,--directory=', { folder: true }),
  ...options('-g,--listed-incremental= --index-file= --volno-file=', { role: 'write', fromStart: true }),
  ...options('-T,--files-from= -X,--exclude-from=', { role: 'read', fromStart: true }),
  ...options(
    '-t,--list -d,--diff,--compare --test-label -G,--incremental --ignore-failed-read -n,--seek --no-seek --sparse-version= -S,--sparse -k,--keep-old-files --keep-newer-files --keep-directory-symlink --no-overwrite-dir --one-top-level[=] --overwrite --overwrite-dir --skip-old-files -W,--verify --no-quote-chars= --quote-chars= --atime-preserve[=] --delay-directory-restore --no-delay-directory-restore --group= --group-map= -m,--touch --mode= --mtime= --clamp-mtime --no-same-owner --no-same-permissions --numeric-owner --owner= --owner-map= -p,--preserve-permissions,--same-permissions --same-owner -s,--preserve-order,--same-order --sort= --acls --no-acls --selinux --no-selinux --xattrs --no-xattrs --force-local -L,--tape-length= -M,--multi-volume -b,--blocking-factor= -B,--read-full-records -i,--ignore-zeros --record-size= -H,--format= --old-archive,--portability --pax-option= --posix -V,--label= -a,--auto-compress -j,--bzip2 -J,--xz --lzip --lzma --lzop --no-auto-compress -z,--gzip,--gunzip,--ungzip --zstd -Z,--compress,--uncompress --exclude= --exclude-backups --exclude-caches --exclude-vcs --exclude-vcs-ignores --exclude-tag= --hard-dereference -h,--dereference -K,--starting-file= --newer-mtime= --no-null --no-recursion --no-unquote --verbatim-files-from --null -N,--newer,--after-date= --one-file-system -P,--absolute-names --recursion --suffix= --backup[=] --strip-components= --transform,--xform= --anchored --ignore-case --no-anchored --no-ignore-case --wildcards --no-wildcards --checkpoint[=] --full-time -l,--check-links --no-check-device -R,--block-number --show-defaults --show-omitted-dirs --show-transformed-names --totals[=] --utc -v,--verbose --warning= -w,--interactive -o -? --help --usage --version --quoting-style= -0 -1 -2 -3 -4 -5 -6 -7',
  ),
]

const SQUEEZE: readonly OptionSpec[] = [
  ...options('-c,--stdout,--to-stdout', { operands: { rest: 'read' } }),
  ...options('-l,--list -t,--test', { operands: { rest: 'read' } }),
  ...options('-k,--keep'),
  ...options(
    '-a,--ascii -d,--decompress,--uncompress -f,--force -h,--help -L,--license -n,--no-name -N,--name -q,--quiet -r,--recursive --rsyncable -S,--suffix= --synchronous -v,--verbose -V,--version -z,--compress -T,--threads= -e,--extreme -1,--fast -2 -3 -4 -5 -6 -7 -8 -9,--best -s,--small',
  ),
]

/** Programs that pack and unpack. What unpacking writes depends on what was packed. */
export const archives: readonly ProgramSpec[] = [
  {
    names: ['tar', 'gtar', 'bsdtar'],
    grammar: 'bundled',
    options: TAR,
    examples: [
      {
        line: 'tar czf a.tgz src',
        effects: [
          { kind: 'fs.write', targets: ['a.tgz'] },
          { kind: 'fs.read', targets: ['src'] },
        ],
      },
      { line: 'tar -xzf a.tgz', effects: [{ kind: 'fs.read', targets: ['a.tgz'] }, 'fs.write'] },
      { line: 'tar tf a.tgz', effects: [{ kind: 'fs.read', targets: ['a.tgz'] }] },
      { line: 'tar cf /dev/null a --checkpoint=1 --checkpoint-act=exec=id', effects: ['fs.read', 'code.inline'] },
      { line: 'tar -cf a.tar --remove-files b', effects: ['fs.write', 'fs.read', 'fs.delete'] },
    ],
  },
  {
    names: ['zip'],
    options: [
      ...options('-m,--move', { effects: ['fs.delete'] }),
      ...options('-TT,--unzip-command=', { role: 'shell', effects: ['exec.unknown'] }),
      ...options('-O,--output-file= --out= -lf,--logfile-path=', { role: 'write' }),
      ...options(
        '-r,--recurse-paths -R -q,--quiet -v,--verbose -u,--update -f,--freshen -d,--delete -j,--junk-paths -y,--symlinks -x= --exclude= -i= --include= -e,--encrypt -P,--password= -s= -T,--test -@ -0 -1 -2 -3 -4 -5 -6 -7 -8 -9 -X -D -l -g -o -n=',
      ),
    ],
    operands: { first: ['write'], rest: 'read' },
    examples: [
      { line: 'zip -qr a.zip b', effects: [{ kind: 'fs.write', targets: ['a.zip'] }, 'fs.read'] },
      { line: "zip a.zip b -T -TT 'rm c'", effects: ['exec.unknown', 'fs.write', 'fs.read', 'fs.delete'] },
    ],
  },
  {
    names: ['unzip'],
    options: [
      ...options('-l -t -v -p -c', { cancels: ['fs.write'] }),
      ...options('-d=', { role: 'write' }),
      ...options('-z -Z -Z1 -f -u -x= -n -q -qq -o -a -aa -b -j -C -L -U -UU -X -V -K -: -M -h -hh -P= -B -D'),
    ],
    effects: ['fs.write'],
    operands: { first: ['read'] },
    examples: [
      { line: 'unzip -q a.zip -d b', effects: ['fs.read', 'fs.write'] },
      { line: 'unzip -l a.zip', effects: ['fs.read'] },
    ],
  },
  ...alike(
    'gzip gunzip bzip2 bunzip2 xz unxz zstd unzstd lz4 compress uncompress pigz',
    { options: SQUEEZE, operands: { rest: 'write' } },
    (name) => ({
      line: `${name} -k a`,
      effects: [{ kind: 'fs.write', targets: ['a'] }],
    }),
  ),
  ...alike(
    '7z 7za 7zr',
    {
      subcommands: {
        l: { otherOptions: 'plain', operands: { first: ['read'] } },
        t: { otherOptions: 'plain', operands: { first: ['read'] } },
        '*': { effects: ['fs.write', 'fs.delete'], otherOptions: 'plain', operands: { rest: 'read' } },
      },
    },
    (name) => ({
      line: `${name} l a.7z`,
      effects: ['fs.read'],
    }),
  ),
  {
    names: ['cpio'],
    options: [
      ...options('-i,--extract -p,--pass-through', { effects: ['fs.write'] }),
      ...options('-O=', { role: 'write' }),
      ...options('-I= -E=', { role: 'read' }),
      ...options('-F,--file=', { role: 'copy-to' }),
      ...options('--rsh-command=', { role: 'shell' }),
      ...options(
        '-o,--create -t,--list -d,--make-directories -m -a -V,--dot -v,--verbose -u -H,--format= -0,--null --quiet -B -c -L',
      ),
    ],
    operands: { rest: 'write' },
    examples: [{ line: 'cpio -idm', effects: ['fs.write'] }],
  },
  ...alike(
    'ar',
    {
      grammar: 'bundled',
      options: options('-d -m -p -q -r -s -t -x -a -b -c -D -f -i -l -N -o -O -P -S -T -u -U -v -V'),
      operands: { first: ['write'], rest: 'read' },
    },
    () => ({
      line: 'ar rcs liba.a b.o',
      effects: ['fs.write', 'fs.read'],
    }),
  ),
]
