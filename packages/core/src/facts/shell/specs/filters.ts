import type { ProgramSpec } from '../program-spec.ts'
import { alike, GNU, options } from './options.ts'

const readsA = (name: string) => ({ line: `${name} a`, effects: [{ kind: 'fs.read', targets: ['a'] }] }) as const
const nothing = (name: string) => ({ line: `${name} 1`, effects: ['exec'] }) as const

/** Programs that change text on its way. */
export const filters: readonly ProgramSpec[] = [
  {
    names: ['sort', 'gsort'],
    options: [
      ...GNU,
      ...options('-o,--output=', { role: 'write' }),
      ...options('--compress-program=', { role: 'command' }),
      ...options('--random-source=', { role: 'read' }),
      // Names of files that the line does not say.
      ...options('--files0-from=', { effects: ['fs.read'], operands: { rest: 'plain' } }),
      ...options('-T,--temporary-directory=', { role: 'write' }),
      ...options(
        '-b,--ignore-leading-blanks -d,--dictionary-order -f,--ignore-case -g,--general-numeric-sort -i,--ignore-nonprinting -M,--month-sort -h,--human-numeric-sort -n,--numeric-sort -R,--random-sort -r,--reverse --sort= -V,--version-sort --batch-size= -c -C --check[=] --debug -k,--key= -m,--merge -s,--stable -S,--buffer-size= -t,--field-separator= --parallel= -u,--unique -z,--zero-terminated',
      ),
    ],
    operands: { rest: 'read' },
    examples: [
      { line: 'sort -rnk2 -t, a', effects: [{ kind: 'fs.read', targets: ['a'] }] },
      { line: 'sort -uo b a', effects: ['fs.read', { kind: 'fs.write', targets: ['b'] }] },
      { line: 'sort --compress-prog x a', effects: ['exec.unknown', 'fs.read'] },
    ],
  },
  {
    names: ['uniq'],
    options: [
      ...GNU,
      ...options(
        '-c,--count -d,--repeated -D --all-repeated[=] -f,--skip-fields= --group[=] -i,--ignore-case -s,--skip-chars= -u,--unique -z,--zero-terminated -w,--check-chars=',
      ),
    ],
    operands: { first: ['read', 'write'] },
    examples: [
      { line: 'uniq -c', effects: ['exec'] },
      { line: 'uniq a b', effects: ['fs.read', { kind: 'fs.write', targets: ['b'] }] },
    ],
  },
  ...alike(
    'cut',
    {
      options: [
        ...GNU,
        ...options(
          '-b,--bytes= -c,--characters= -d,--delimiter= -f,--fields= -n --complement -s,--only-delimited --output-delimiter= -z,--zero-terminated -w',
        ),
      ],
      operands: { rest: 'read' },
    },
    readsA,
  ),
  ...alike(
    'tr',
    { options: [...GNU, ...options('-c,-C,--complement -d,--delete -s,--squeeze-repeats -t,--truncate-set1 -u')] },
    nothing,
  ),
  ...alike('seq jot factor expr yes', { grammar: 'none' }, nothing),
  ...alike(
    'bc',
    {
      options: options(
        '-e,--expression= -h,--help -i,--interactive -l,--mathlib -q,--quiet -s,--standard -w,--warn -v,--version',
      ),
      operands: { rest: 'read' },
    },
    () => ({ line: "echo '1 + 2' | bc -l", effects: ['exec'] }),
  ),
  // `!` starts a command.
  ...alike(
    'dc',
    {
      options: [
        ...options('-e,--expression=', { role: 'code' }),
        ...options('-f,--file=', { role: 'script' }),
        ...options('-h,--help -V,--version -x -i'),
      ],
      operands: { rest: 'script' },
      stdin: 'code',
    },
    (name) => ({ line: `${name} a`, effects: ['code.local'] }),
  ),
  ...alike(
    'paste',
    { options: [...GNU, ...options('-d,--delimiters= -s,--serial -z,--zero-terminated')], operands: { rest: 'read' } },
    readsA,
  ),
  ...alike(
    'fold fmt expand unexpand',
    {
      options: [
        ...GNU,
        ...options(
          '-b,--bytes -s,--spaces -c -w,--width= -p,--prefix= -t,--tabs= -u -g,--goal= -i,--initial -a,--all --first-only',
        ),
      ],
      numeric: true,
      operands: { rest: 'read' },
    },
    readsA,
  ),
  ...alike(
    'column col colrm tsort ul look',
    {
      options: options(
        '-t -s,--separator= -o= --output-separator= -c,--output-width= -N,--table-columns= -R,--table-right= -H,--table-hide= -d -e,--table-empty-lines -x -n -J -W= -O= -T= -l=  -z -b -f -p -h --help -V --version --table --json --fillrows --table-name=',
      ),
      operands: { rest: 'read' },
    },
    readsA,
  ),
  ...alike(
    'join',
    {
      options: options(
        '-a= -e= -i,--ignore-case -j= -o= -t= -v= -1= -2= --check-order --nocheck-order --header -z,--zero-terminated --help --version',
      ),
      operands: { rest: 'read' },
    },
    (name) => ({ line: `${name} -t, -1 2 a b`, effects: ['fs.read'] }),
  ),
  ...alike(
    'pr',
    {
      options: options(
        '-a -b -c -d -e[=] -F -f -h= -i[=] -J -l= -m -n[=] -N= -o= -r -s[=] -S[=] -t -T -v -w= -W= --columns=',
      ),
      numeric: true,
      operands: { rest: 'read' },
    },
    readsA,
  ),
  {
    names: ['iconv'],
    options: [
      ...options('-o,--output=', { role: 'write' }),
      ...options('-f,--from-code= -t,--to-code= -l,--list -c -s,--silent --verbose -? --help --usage -V,--version'),
    ],
    operands: { rest: 'read' },
    examples: [{ line: 'iconv -f latin1 -t utf-8 a -o b', effects: ['fs.read', 'fs.write'] }],
  },
  ...alike('dos2unix unix2dos', { otherOptions: 'plain', operands: { rest: 'write' } }, (name) => ({
    line: `${name} a`,
    effects: ['fs.write'],
  })),
  {
    names: ['shuf'],
    options: [
      ...options('-o,--output=', { role: 'write' }),
      ...options('--random-source=', { role: 'read' }),
      ...options('-e,--echo', { operands: { rest: 'plain' } }),
      ...options('-i,--input-range= -n,--head-count= -r,--repeat -z,--zero-terminated --help --version'),
    ],
    operands: { rest: 'read' },
    examples: [{ line: 'shuf -n 5 a', effects: ['fs.read'] }],
  },
  {
    names: ['split'],
    options: [
      ...options('--filter=', { role: 'shell' }),
      ...options(
        '-a,--suffix-length= --additional-suffix= -b,--bytes= -C,--line-bytes= -d --numeric-suffixes[=] -x --hex-suffixes[=] -e,--elide-empty-files -l,--lines= -n,--number= -t,--separator= -u,--unbuffered --verbose --help --version',
      ),
    ],
    numeric: true,
    effects: ['fs.write'],
    operands: { first: ['read'], rest: 'plain' },
    examples: [
      { line: "split -l 9 --filt='rm b' a", effects: ['fs.read', 'fs.write', { kind: 'fs.delete', targets: ['b'] }] },
    ],
  },
  {
    names: ['csplit'],
    options: options(
      '-b,--suffix-format= -f,--prefix= -k,--keep-files --suppress-matched -n,--digits= -s,-q,--quiet,--silent -z,--elide-empty-files --help --version',
    ),
    effects: ['fs.write'],
    operands: { first: ['read'] },
    examples: [{ line: 'csplit a /x/', effects: ['fs.read', 'fs.write'] }],
  },
  {
    names: ['jq', 'gojq', 'jaq'],
    options: [
      ...options('-f,--from-file=', { role: 'read', operands: { first: [] } }),
      ...options('--args --jsonargs'),
      ...options('-L= --library-path=', { role: 'read' }),
      // Each takes a name, and then what is left to count as a file: so the filter may be any of the operands.
      ...options('--arg= --argjson='),
      ...options('--slurpfile= --rawfile=', { operands: { first: [] } }),
      ...options(
        '-n,--null-input -R,--raw-input -s,--slurp -c,--compact-output -r,--raw-output --raw-output0 -j,--join-output -a,--ascii-output -S,--sort-keys -C,--color-output -M,--monochrome-output --tab --indent= --unbuffered --stream --stream-errors --seq -e,--exit-status -V,--version --build-configuration -h,--help -y --yaml-output',
      ),
    ],
    operands: { first: ['query'], rest: 'query-or-file' },
    examples: [
      { line: "jq -r '.scripts | keys[]' package.json", effects: [{ kind: 'fs.read', targets: ['package.json'] }] },
      { line: 'jq .', effects: ['exec'] },
      { line: 'jq -n env', effects: ['code.inline'] },
    ],
  },
  {
    names: ['yq'],
    options: [
      ...options('-i,--inplace,--in-place', { operands: { rest: 'write' } }),
      ...options('-s,--split-exp=', { role: 'query', effects: ['fs.write'] }),
      ...options('--from-file= --split-exp-file=', { role: 'read', operands: { first: [] } }),
      ...options(
        '-n,--null-input -r,--unwrapScalar[=] --raw-output -j,--tojson -P,--prettyPrint -C,--colors -M,--no-colors -e,--exit-status -N,--no-doc -o,--output-format= -p,--input-format= -I,--indent= -v,--verbose -V,--version -h,--help -0,--nul-output -y,--yaml-output -Y -c --xml-output -t --width=',
      ),
    ],
    operands: { first: ['query'], rest: 'query-or-file' },
    examples: [{ line: "yq -i '.a = 1' a.yaml", effects: [{ kind: 'fs.write', targets: ['a.yaml'] }] }],
  },
  {
    names: ['xxd'],
    grammar: 'long-dash',
    options: options(
      '-a -b -C -c= -e -E -g= -h -i -l= -n= -o= -p -ps -plain -postscript -r -revert -d -s= -u -v -cols= -len= -seek= -bits -include -autoskip',
    ),
    operands: { first: ['read', 'write'] },
    examples: [
      { line: 'xxd -l 16 a', effects: ['fs.read'] },
      { line: 'xxd -r a b', effects: ['fs.read', 'fs.write'] },
    ],
  },
]
