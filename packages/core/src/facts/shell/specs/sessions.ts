import type { CommandSpec, ProgramSpec } from '../program-spec.ts'
import { alike, options } from './options.ts'

const starts = (prefix: string) => (name: string) =>
  ({ line: `${name} ${prefix}rm a`, effects: [{ kind: 'fs.delete', targets: ['a'] }] }) as const

const COMMAND: CommandSpec = { grammar: 'posix', operands: { first: ['command'] } }

/** Programs that start another one under their eyes: tracers, terminals, and what repeats or schedules. */
export const sessions: readonly ProgramSpec[] = [
  ...alike(
    'strace ltrace',
    {
      ...COMMAND,
      options: [
        ...options('-o= --output=', { role: 'shell' }),
        ...options('-a= -b= -e= -E= -I= -O= -p= -P= -s= -S= -u= -U= -X= -l= -x= -D= -n= -A= -F='),
        ...options('-c -C -d -f -ff -h -i -k -q -qq -r -t -tt -ttt -T -v -V -w -y -yy -z -Z -L'),
      ],
    },
    starts('-f '),
  ),
  ...alike('gdb lldb valgrind perf rr', { grammar: 'none', effects: ['code.inline', 'exec.unknown'] }, (name) => ({
    line: `${name} a`,
    effects: ['code.inline', 'exec.unknown'],
  })),
  ...alike(
    'ld-linux.so.2 ld-linux-x86-64.so.2 ld-linux-aarch64.so.1 ld-linux-armhf.so.3 ld-musl-x86_64.so.1 ld.so',
    {
      ...COMMAND,
      effects: ['env.hook'],
      options: [
        ...options(
          '--library-path= --preload= --audit= --argv0= --inhibit-rpath= --glibc-hwcaps-prepend= --glibc-hwcaps-mask=',
        ),
        ...options('--list --verify --inhibit-cache --list-tunables --list-diagnostics --help --version'),
      ],
    },
    (name) => ({
      line: `${name} /bin/rm a`,
      effects: ['env.hook', 'fs.delete'],
    }),
  ),
  {
    names: ['script'],
    options: [
      ...options('-c,--command=', { role: 'shell' }),
      ...options('-I,--log-in= -O,--log-out= -B,--log-io= -T,--log-timing=', { role: 'write' }),
      ...options(
        '-a,--append -e,--return -f,--flush --force -q,--quiet -t[=] --timing[=] -E,--echo= -m,--logging-format= -o,--output-limit= -h,--help -V,--version -k -r -F=',
      ),
    ],
    effects: ['fs.write'],
    stdin: 'shell',
    operands: { first: ['write'], max: 1 },
    examples: [{ line: "script -qc 'rm a' /dev/null", effects: ['fs.write', { kind: 'fs.delete', targets: ['a'] }] }],
  },
  {
    names: ['watch'],
    grammar: 'posix',
    options: options(
      '-b,--beep -c,--color -C,--no-color -d[=] --differences[=] -e,--errexit -f,--follow -g,--chgexit -n,--interval= -p,--precise -q,--equexit= -r,--no-rerun -s,--shotsdir= -t,--no-title -w,--no-wrap -x,--exec -h,--help -v,--version',
    ),
    operands: { rest: 'shell' },
    examples: [{ line: "watch -n 1 'ls | xargs rm'", effects: ['fs.read', 'fs.delete'] }],
  },
  {
    names: ['parallel'],
    grammar: 'posix',
    // Its templates may hold code in perl.
    effects: ['code.inline'],
    options: [
      ...options('-a,--arg-file= --results= --joblog= --tmpdir=', { role: 'read' }),
      ...options('-S,--sshlogin= --sshloginfile=', { effects: ['net.connect'] }),
      ...options(
        '-I= --arg-sep= --arg-file-sep= -j,--jobs,--max-procs= -n,--max-args= -N= -L= -d,--delimiter= --timeout= --delay= --retries= --halt= --colsep,-C= --tag --bar --eta --progress --dry-run --dryrun -k,--keep-order -0,--null -q,--quote -u,--ungroup -X -m --will-cite --no-notice -v -t,--verbose --line-buffer --lb --pipe --no-run-if-empty -r --shuf --link --xapply --nice= --load= --memfree= --block= --linebuffer --plus --rpl= --semaphore --env=',
      ),
    ],
    stdin: 'shell',
    operands: { rest: 'shell' },
    examples: [{ line: 'parallel -j4 rm ::: a b', effects: ['code.inline', 'fs.delete'] }],
  },
  ...alike(
    'tmux screen byobu zellij dtach abduco',
    { grammar: 'none', effects: ['code.inline', 'exec.unknown'] },
    (name) => ({
      line: `${name} send-keys 'rm a' Enter`,
      effects: ['code.inline', 'exec.unknown'],
    }),
  ),
  ...alike(
    'hyperfine entr direnv watchexec watchman chokidar start-stop-daemon run-parts daemon dotenv cross-env cross-env-shell env-cmd fakeroot faketime xvfb-run rlwrap proot aws-vault chamber infisical doppler',
    { grammar: 'none', effects: ['code.inline', 'exec.unknown'] },
    (name) => ({
      line: `${name} x`,
      effects: ['code.inline', 'exec.unknown'],
    }),
  ),
]
