import type { CommandSpec, ProgramSpec } from '../program-spec.ts'
import { alike, GNU, options } from './options.ts'

const starts = (prefix: string) => (name: string) =>
  ({ line: `${name} ${prefix}rm a`, effects: [{ kind: 'fs.delete', targets: ['a'] }] }) as const

const COMMAND: CommandSpec = { grammar: 'posix', operands: { first: ['command'] } }
const SECOND: CommandSpec = { grammar: 'posix', operands: { first: ['plain', 'command'] } }

/** More programs that start another one, each with the options of its own. */
export const launchers: readonly ProgramSpec[] = [
  ...alike(
    'command',
    { ...COMMAND, options: [...options('-v -V', { operands: { first: [] } }), ...options('-p')] },
    starts(''),
  ),
  ...alike('builtin coproc', COMMAND, starts('')),
  ...alike('exec', { ...COMMAND, options: options('-a= -c -l') }, starts('-a x ')),
  ...alike('nohup busybox toybox', { ...COMMAND, options: GNU }, starts('')),
  ...alike('nice', { ...COMMAND, numeric: true, options: [...GNU, ...options('-n,--adjustment=')] }, starts('-n 5 ')),
  ...alike(
    'ionice',
    {
      ...COMMAND,
      options: options('-c,--class= -n,--classdata= -p,--pid= -P,--pgid= -u,--uid= -t,--ignore -h,--help -V,--version'),
    },
    starts('-c 3 '),
  ),
  ...alike(
    'chrt',
    {
      ...SECOND,
      options: options(
        '-a,--all-tasks -b,--batch -d,--deadline -f,--fifo -i,--idle -m,--max -o,--other -p,--pid -r,--rr -R,--reset-on-fork -v,--verbose -T,--sched-runtime= -P,--sched-period= -D,--sched-deadline=',
      ),
    },
    starts('-b 0 '),
  ),
  ...alike(
    'timeout gtimeout',
    {
      ...SECOND,
      options: [...GNU, ...options('-f,--foreground -p,--preserve-status -v,--verbose -k,--kill-after= -s,--signal=')],
    },
    starts('-s KILL 5 '),
  ),
  ...alike(
    'stdbuf',
    { ...COMMAND, options: [...GNU, ...options('-i,--input= -o,--output= -e,--error=')] },
    starts('-oL '),
  ),
  ...alike('unbuffer', { ...COMMAND, options: options('-p') }, starts('')),
  ...alike(
    'setsid',
    { ...COMMAND, options: options('-c,--ctty -f,--fork -w,--wait -h,--help -V,--version') },
    starts('-w '),
  ),
  ...alike(
    'time gtime',
    {
      ...COMMAND,
      options: [
        ...options('-o,--output=', { role: 'write' }),
        ...options('-a,--append -f,--format= -p,--portability -q,--quiet -v,--verbose -l -h,--help -V,--version'),
      ],
    },
    starts('-p '),
  ),
  ...alike(
    'cpulimit',
    {
      ...COMMAND,
      options: options('-l,--limit= -c,--cpu= -z,--lazy -i,--include-children -f,--foreground -v,--verbose'),
    },
    starts('-l 5 '),
  ),
  ...alike('taskset', { ...SECOND, options: options('-a,--all-tasks -c,--cpu-list -p,--pid') }, starts('-c 0 ')),
  ...alike(
    'numactl',
    {
      ...COMMAND,
      options: options(
        '-i,--interleave= -p,--preferred= -m,--membind= -N,--cpunodebind= -C,--physcpubind= -l,--localalloc -b,--balancing -H,--hardware -s,--show',
      ),
    },
    starts('-l '),
  ),
  ...alike('caffeinate', { ...COMMAND, options: options('-d -i -m -s -u -t= -w=') }, starts('-i ')),
  ...alike(
    'setarch linux32 linux64',
    {
      ...COMMAND,
      stdin: 'shell',
      options: options(
        '-B,--32bit -F,--fdpic-funcptrs -I,--short-inode -L,--addr-compat-layout -R,--addr-no-randomize -S,--whole-seconds -T,--sticky-timeouts -X,--read-implies-exec -Z,--mmap-page-zero -v,--verbose -3,--3gb --4gb',
      ),
    },
    starts('-R '),
  ),
  ...alike('catchsegv dbus-run-session', COMMAND, starts('')),
  {
    names: ['flock'],
    options: [
      ...options('-c,--command=', { role: 'shell' }),
      ...options(
        '-e,-x,--exclusive -n,--nb,--nonblock -o,--close -s,--shared -u,--unlock -F,--no-fork --fcntl --verbose -w,--wait,--timeout= -E,--conflict-exit-code= -h,--help -V,--version',
      ),
    ],
    operands: { first: ['write', 'command'] },
    examples: [
      {
        line: 'flock -n l rm a',
        effects: [
          { kind: 'fs.write', targets: ['l'] },
          { kind: 'fs.delete', targets: ['a'] },
        ],
      },
    ],
  },
  ...alike(
    'su runuser',
    {
      options: [
        ...options('-c,--command= --session-command=', { role: 'shell' }),
        ...options('-s,--shell=', { role: 'command' }),
        // Of runuser: then the operands are the command.
        ...options('-u,--user=', { operands: { first: ['command'] } }),
        ...options(
          '-,-l,--login -m,-p,--preserve-environment -P,--pty -f,--fast -g,--group= -G,--supp-group= -w,--whitelist-environment= -T,--no-pty -h,--help -V,--version',
        ),
      ],
      effects: ['priv.change'],
      stdin: 'shell',
      operands: { first: ['plain'], rest: 'plain', max: 1 },
    },
    (name) => ({ line: `${name} - root -c 'rm a'`, effects: ['priv.change', { kind: 'fs.delete', targets: ['a'] }] }),
  ),
  ...alike(
    'pkexec gosu su-exec setpriv capsh',
    { grammar: 'none', effects: ['priv.change', 'exec.unknown'], operands: { first: ['command'] } },
    (name) => ({
      line: `${name} rm a`,
      effects: ['priv.change', 'exec.unknown', 'fs.delete'],
    }),
  ),
  ...alike(
    'chroot',
    {
      ...SECOND,
      stdin: 'shell',
      effects: ['priv.change'],
      options: [...GNU, ...options('--groups= --userspec= --skip-chdir')],
    },
    (name) => ({ line: `${name} b rm a`, effects: ['priv.change', 'fs.delete'] }),
  ),
  ...alike(
    'unshare nsenter',
    {
      ...COMMAND,
      stdin: 'shell',
      effects: ['priv.change'],
      options: options(
        '-a,--all -C[=] --cgroup[=] -i[=] --ipc[=] -m[=] --mount[=] -n[=] --net[=] -p[=] --pid[=] -u[=] --uts[=] -U[=] --user[=] -T[=] --time[=] -f,--fork -r,--map-root-user -c,--map-current-user -F,--no-fork -Z,--follow-context -e,--env --kill-child[=] --mount-proc[=] --keep-caps --preserve-credentials -t,--target= -S,--setuid= -G,--setgid= --map-user= --map-group= --map-users= --map-groups= --map-auto --propagation= --setgroups= -R,--root= -w,--wd= -W= --wdns= --monotonic= --boottime= -h,--help -V,--version',
      ),
    },
    (name) => ({ line: `${name} -m rm a`, effects: ['priv.change', 'fs.delete'] }),
  ),
  ...alike(
    'systemd-run systemd-inhibit',
    {
      ...COMMAND,
      stdin: 'shell',
      effects: ['sys.service'],
      options: [
        ...options(
          '-p,--property= --on-calendar= --on-active= --on-boot= --on-startup= --on-unit-active= --on-unit-inactive= --timer-property= --path-property= --socket-property= -E,--setenv=',
          { effects: ['persist'] },
        ),
        ...options('-H,--host= -M,--machine=', { role: 'connect' }),
        ...options(
          '--user --system --scope -P,--pipe -q,--quiet -t,--pty -S,--shell -G,--collect -d,--same-dir -r,--remain-after-exit --wait --no-block --send-sighup --no-ask-password -u,--unit= --description= --slice= --slice-inherit --uid= --gid= --nice= --working-directory= --service-type= --what= --who= --why= --mode= --list',
        ),
      ],
    },
    (name) => ({ line: `${name} --user rm a`, effects: ['sys.service', 'fs.delete'] }),
  ),
]
