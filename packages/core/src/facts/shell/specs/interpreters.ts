import type { OptionSpec, ProgramSpec } from '../program-spec.ts'
import { alike, options } from './options.ts'

/** A script of one's own, or code on the line: after it all words are the code's. */
const CODE = { role: 'code', operands: { first: [], rest: 'plain' } } as const
const MORE_CODE = { role: 'code', operands: { first: [] } } as const

const NODE: readonly OptionSpec[] = [
  ...options('-e,--eval= -p,--print=', MORE_CODE),
  ...options('-pe=', MORE_CODE),
  ...options(
    '-r,--require= --import= --loader= --experimental-loader= --env-file= --env-file-if-exists= --snapshot-blob= --build-sea= --experimental-sea-config=',
    { role: 'script' },
  ),
  ...options('--test', { operands: { first: [], rest: 'script', default: '.' } }),
  ...options('--run=', { role: 'script' }),
  ...options('--watch --watch-path=', { effects: ['code.local'] }),
  ...options('-c,--check', { operands: { first: ['read'] } }),
  ...options('--inspect[=] --inspect-brk[=] --inspect-wait[=]', { effects: ['net.listen'] }),
  ...options(
    '--cpu-prof-dir= --heap-prof-dir= --diagnostic-dir= --report-directory= --redirect-warnings= --trace-event-file-pattern= --test-reporter-destination=',
    { role: 'write' },
  ),
  ...options(
    '-i,--interactive -h,--help -v,--version -C,--conditions= --no-warnings --no-deprecation --trace-warnings --trace-deprecation --trace-uncaught --throw-deprecation --pending-deprecation --enable-source-maps --experimental-strip-types --experimental-transform-types --no-experimental-strip-types --experimental-vm-modules --experimental-specifier-resolution= --experimental-json-modules --experimental-sqlite --experimental-test-coverage --experimental-default-type= --input-type= --expose-gc --max-old-space-size= --max_old_space_size= --stack-size= --unhandled-rejections= --preserve-symlinks --title= --test-name-pattern= --test-reporter= --test-only --test-concurrency= --test-timeout= --harmony --prof --no-opt --openssl-legacy-provider --dns-result-order= --disable-warning= --permission --allow-fs-read= --allow-fs-write=',
  ),
]

/** Programs that run code in another language. */
export const interpreters: readonly ProgramSpec[] = [
  {
    names: ['python', 'python3', 'python2', 'python*', 'python3.*', 'pypy', 'pypy3', 'pythonw'],
    grammar: 'posix',
    options: [
      ...options('-c=', { ...CODE, ends: true }),
      // A module is looked up in the folder first.
      ...options('-m=', { role: 'script', operands: { first: [], rest: 'plain' }, ends: true }),
      ...options('-W= -X= --check-hash-based-pycs='),
      ...options('-h,-?,--help -V,--version -VV', { operands: { first: [] } }),
      ...options('-b -bb -B -d -E -i -I -O -OO -P -q -R -s -S -u -v -vv -x --help-all --help-env --help-xoptions'),
    ],
    operands: { first: ['script'] },
    stdin: 'code',
    examples: [
      { line: "python3 -c 'print(1)' x", effects: ['code.inline'] },
      { line: 'python -m pytest -x tests', effects: [{ kind: 'code.local', targets: ['pytest'] }] },
      { line: 'python3 run.py --fast', effects: [{ kind: 'code.local', targets: ['run.py'] }] },
      { line: 'python3 --version', effects: ['exec'] },
    ],
  },
  {
    names: ['node', 'nodejs'],
    grammar: 'posix',
    exactLong: true,
    options: NODE,
    operands: { first: ['script'] },
    stdin: 'code',
    examples: [
      { line: "node -e 'console.log(1)'", effects: ['code.inline'] },
      { line: 'node --test', effects: ['code.local'] },
      { line: 'node a.js -x', effects: [{ kind: 'code.local', targets: ['a.js'] }] },
      { line: 'node -v', effects: ['exec'] },
    ],
  },
  {
    names: ['perl', 'perl5*'],
    grammar: 'posix',
    options: [
      ...options('-e= -E=', MORE_CODE),
      ...options('-n -p', {}),
      ...options('-i[=]', { operands: { rest: 'write' } }),
      ...options('-M[=] -m[=] -d[=] -D[=]', { effects: ['code.local'] }),
      ...options('-I='),
      ...options('-c', { operands: { rest: 'script' } }),
      ...options('-0 -1 -2 -3 -4 -5 -6 -7 -8 -9 -l -F[=] -C[=] -V[=] -x[=]'),
      ...options('-a -f -h -s -S -t -T -u -U -v -w -W -X -g --help --version'),
    ],
    operands: { first: ['script'] },
    stdin: 'code',
    examples: [
      { line: "perl -pi -e 's/a/b/' a", effects: ['code.inline', { kind: 'fs.write', targets: ['a'] }] },
      { line: 'perl a.pl', effects: [{ kind: 'code.local', targets: ['a.pl'] }] },
      { line: "perl -lane 'print' a", effects: ['code.inline'] },
    ],
  },
  {
    names: ['ruby', 'ruby*', 'jruby'],
    grammar: 'posix',
    options: [
      ...options('-e=', MORE_CODE),
      ...options('-r=', { role: 'script' }),
      ...options('-i[=]', { operands: { rest: 'write' } }),
      ...options('-C=', { folder: true }),
      ...options('-I= -E= --encoding= -x[=] -0 -1 -2 -3 -4 -5 -6 -7 -W -F[=] -K= -T'),
      ...options(
        '-a -c -d -h -l -n -p -s -S -v -w -y --version --help --debug --verbose --yjit --jit --copyright --disable= --enable= --external-encoding= --internal-encoding=',
      ),
    ],
    operands: { first: ['script'] },
    stdin: 'code',
    examples: [
      { line: "ruby -e 'puts 1'", effects: ['code.inline'] },
      { line: 'ruby -c a.rb', effects: ['code.local'] },
    ],
  },
  {
    names: ['php', 'php*'],
    grammar: 'posix',
    options: [
      ...options('-r,--run= -B,--process-begin= -R,--process-code= -E,--process-end=', CODE),
      ...options('-f,--file= -F,--process-file= -z,--zend-extension=', {
        role: 'script',
        operands: { first: [], rest: 'plain' },
      }),
      ...options('-c,--php-ini= -d,--define=', { effects: ['code.inline'] }),
      ...options('-S,--server=', { role: 'listen', operands: { first: ['script'] } }),
      ...options('-t,--docroot=', { role: 'read' }),
      ...options('-l,--syntax-check -s,--syntax-highlight -w,--strip', { operands: { first: ['read'] } }),
      ...options(
        '-a,--interactive -C,--no-chdir -e,--profile-info -h,--help -H,--hide-args -i,--info -m,--modules -n,--no-php-ini -q,--no-header -v,--version --ini --rf= --rc= --re= --rz= --ri=',
      ),
    ],
    operands: { first: ['script'] },
    stdin: 'code',
    examples: [
      { line: "php -r 'echo 1;'", effects: ['code.inline'] },
      { line: 'php artisan migrate', effects: [{ kind: 'code.local', targets: ['artisan'] }] },
      { line: 'php -l a.php', effects: ['fs.read', 'code.inline'] },
    ],
  },
  ...alike(
    'deno bun',
    {
      grammar: 'posix',
      options: [
        ...options('-e,--eval= -p,--print=', MORE_CODE),
        ...options('-h,--help -v,--version -V --silent --bun -q,--quiet --revision'),
      ],
      subcommands: {
        eval: { grammar: 'posix', otherOptions: 'plain', operands: { first: ['code'] } },
        upgrade: { effects: ['net.connect', 'code.remote'], otherOptions: 'plain' },
        ...Object.fromEntries(
          ['fmt', 'completions', 'types'].map((name) => [
            name,
            {
              effects: name === 'fmt' ? (['fs.write'] as const) : (['fs.read'] as const),
              otherOptions: 'plain',
            } as const,
          ]),
        ),
        ...Object.fromEntries(
          ['install', 'i', 'add', 'remove', 'rm', 'update', 'cache', 'create', 'c', 'init', 'link', 'publish'].map(
            (name) => [name, { effects: ['code.local', 'net.connect', 'fs.write'], otherOptions: 'plain' } as const],
          ),
        ),
        x: {
          grammar: 'posix',
          effects: ['code.local', 'net.connect'],
          otherOptions: 'plain',
          operands: { first: ['command'] },
        },
        run: {
          grammar: 'posix',
          effects: ['code.local', 'net.connect'],
          otherOptions: 'plain',
          operands: { first: ['script'] },
          stdin: 'code',
        },
        '-': { stdin: 'code' },
        // A file, a script of the project, a test run, a task: all run code, and may fetch it.
        '*': { grammar: 'posix', effects: ['code.local', 'net.connect'], otherOptions: 'plain' },
      },
    },
    (name) => ({ line: `${name} run a.ts`, effects: ['code.local', 'net.connect'] }),
  ),
  ...alike(
    'tsx ts-node swc-node esno babel-node coffee jiti zx',
    { grammar: 'posix', options: NODE, exactLong: true, operands: { first: ['script'] }, stdin: 'code' },
    (name) => ({
      line: `${name} a.ts`,
      effects: [{ kind: 'code.local', targets: ['a.ts'] }],
    }),
  ),
  ...alike(
    'lua luajit Rscript R julia ghc runghc ocaml erl elixir iex scala groovy kotlin swift osascript tclsh wish expect guile racket sbcl clojure clj octave gnuplot raku ipython jupyter m4 irb pry rails rake rspec thor',
    { grammar: 'none', effects: ['code.local', 'code.inline'] },
    (name) => ({ line: `${name} a`, effects: ['code.local', 'code.inline'] }),
  ),
]
