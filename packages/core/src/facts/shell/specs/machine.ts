import type { ProgramSpec } from '../program-spec.ts'
import { alike, GNU, options } from './options.ts'

const looks = (name: string) => ({ line: name, effects: ['exec'] }) as const

/** Programs that tell about the machine, its users and its processes. */
export const machine: readonly ProgramSpec[] = [
  ...alike(
    'whoami id groups logname users who w tty nproc arch hostid uptime lscpu lsmem lsblk lsusb lspci lsmod free vmstat iostat mpstat locale getconf getent last lastlog tput sw_vers vm_stat pstree findmnt',
    { otherOptions: 'plain' },
    looks,
  ),
  ...alike('uname', { otherOptions: 'plain' }, looks),
  {
    names: ['hostname'],
    options: [
      ...options('-F,--file=', { role: 'read', effects: ['priv.change'] }),
      ...options('-a -A -d -f -i -I -s -y -b -v -V -h --fqdn --short --ip-address --all-ip-addresses --domain --long'),
    ],
    // With a name it sets it.
    operands: { max: 0 },
    examples: [
      { line: 'hostname -I', effects: ['exec'] },
      { line: 'hostname evil', opaque: true },
    ],
  },
  {
    names: ['date', 'gdate'],
    options: [
      ...GNU,
      ...options('-s,--set=', { effects: ['priv.change'] }),
      ...options('-f= --file=', { role: 'read' }),
      ...options(
        '-r,--reference= -d,--date= --debug -I[=] --iso-8601[=] --resolution -R,--rfc-email --rfc-3339= -u,--utc,--universal -j -n -v= -z=',
      ),
    ],
    operands: { rest: 'date-operand' },
    examples: [
      { line: 'date -u +%s', effects: ['exec'] },
      { line: "date --se '1 May'", effects: ['priv.change'] },
      { line: 'date 01010000', effects: ['priv.change'] },
    ],
  },
  ...alike('cal ncal', { otherOptions: 'plain' }, looks),
  {
    names: ['df'],
    options: [
      ...GNU,
      ...options(
        '-a,--all -B,--block-size= -h,--human-readable -H,--si -i,--inodes -k -l,--local -m --no-sync --output[=] -P,--portability --sync --total -t,--type= -T,--print-type -x,--exclude-type= -v',
      ),
    ],
    examples: [{ line: 'df -h /', effects: ['exec'] }],
  },
  { names: ['ps'], grammar: 'none', examples: [{ line: 'ps aux', effects: ['exec'] }] },
  ...alike(
    'top htop atop btop',
    { options: options('-b -n= -d= -p= -u= -U= -o= -c -H -i -s -S -w[=] -1 -l= -e= -E= -O -h -v --help --version -t') },
    (name) => ({ line: `${name} -b -n 1`, effects: ['exec'] }),
  ),
  ...alike('lsof', { otherOptions: 'plain' }, () => ({ line: 'lsof -i :3000', effects: ['exec'] })),
  {
    names: ['ss'],
    options: [
      ...options('-K,--kill', { effects: ['proc.signal'] }),
      ...options('-D,--diag=', { role: 'write' }),
      ...options('-F,--filter=', { role: 'read' }),
      ...options(
        '-h,--help -V,--version -n,--numeric -r,--resolve -a,--all -l,--listening -B,--bound-inactive -o,--options -e,--extended -m,--memory -p,--processes -T,--threads -i,--info --tos --cgroup -s,--summary -E,--events -Z,--context -z,--contexts -N,--net= -b,--bpf -4,--ipv4 -6,--ipv6 -0,--packet -t,--tcp -M,--mptcp -S,--sctp -u,--udp -d,--dccp -w,--raw -x,--unix --tipc --vsock --xdp -f,--family= -A,--query= -H,--no-header -O,--oneline',
      ),
    ],
    examples: [
      { line: 'ss -tlnp', effects: ['exec'] },
      { line: 'ss -K dport = 22', effects: ['proc.signal'] },
    ],
  },
  ...alike('netstat', { otherOptions: 'plain' }, looks),
  {
    names: ['ip'],
    options: [
      ...options('-b,-batch=', { role: 'script' }),
      ...options(
        '-4 -6 -a -all -br -brief -c -color -d -details -h -human -j -json -o -oneline -p -pretty -r -resolve -s -stats -V -f=',
      ),
    ],
    grammar: 'long-dash',
    subcommands: Object.fromEntries(
      ['addr', 'address', 'a', 'link', 'l', 'route', 'r', 'neigh', 'n', 'rule', 'tunnel', 'maddr', 'monitor'].map(
        (object) => [
          object,
          { subcommands: { show: {}, list: {}, ls: {}, get: {}, '*': { grammar: 'none', effects: ['priv.change'] } } },
        ],
      ),
    ),
    examples: [
      { line: 'ip addr show', effects: ['exec'] },
      { line: 'ip link set eth0 down', effects: ['priv.change'] },
    ],
  },
  {
    names: ['ifconfig'],
    grammar: 'none',
    operands: { max: 1 },
    examples: [
      { line: 'ifconfig eth0', effects: ['exec'] },
      { line: 'ifconfig eth0 down', opaque: true },
    ],
  },
  {
    names: ['dmesg'],
    options: [
      ...options('-C,--clear -c,--read-clear -D,--console-off -E,--console-on -n,--console-level=', {
        effects: ['priv.change'],
      }),
      ...options('-F,--file= -K=', { role: 'read' }),
      ...options(
        '-d -e -f= -H,--human -J -k -L[=] --color[=] -l,--level= -P -p -r -S -s= -T,--ctime -t -u -w,--follow -W -x -h --help',
      ),
    ],
    examples: [{ line: 'dmesg -T', effects: ['exec'] }],
  },
  {
    names: ['journalctl'],
    options: [
      ...options('--rotate --flush --sync --relinquish-var --setup-keys --update-catalog', {
        effects: ['sys.service'],
      }),
      ...options('--vacuum-size= --vacuum-time= --vacuum-files=', { effects: ['fs.delete'] }),
      ...options('-D,--directory= --file= --root= --image=', { role: 'read' }),
      ...options(
        '-u,--unit= --user-unit= -S,--since= -U,--until= -n[=] --lines= -o,--output= -p,--priority= -g,--grep= -t,--identifier= -b[=] --boot[=] -c,--cursor= -M,--machine= --facility= --output-fields= -f,--follow -e,--pager-end -x,--catalog -r,--reverse -q,--quiet -a,--all -k,--dmesg -m,--merge --no-pager --no-full --no-hostname --no-tail --utc --system --user --list-boots --disk-usage --header --verify -F,--field= -N,--fields -h,--help --version',
      ),
    ],
    examples: [
      { line: 'journalctl -u nginx --no-pager -n 50', effects: ['exec'] },
      { line: 'journalctl --vacuum-time=1s', effects: ['fs.delete'] },
    ],
  },
  {
    names: ['printenv'],
    options: options('-0,--null --help --version'),
    examples: [{ line: 'printenv HOME', effects: ['exec'] }],
  },
  {
    names: ['sysctl'],
    options: options('-a,--all -A -N,--names -n,--values -e,--ignore -q,--quiet -b,--binary -r,--pattern= -h -V'),
    effects: ['priv.change'],
    examples: [{ line: 'sysctl -n a.b', effects: ['priv.change'] }],
  },
  ...alike('stty clear reset tset', { otherOptions: 'plain' }, looks),
]
