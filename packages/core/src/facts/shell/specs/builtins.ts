import type { ProgramSpec } from '../program-spec.ts'
import { alike, options } from './options.ts'

/** What a shell does itself. Names of variables are judged: in a subscript the shell runs substitutions. */
export const builtins: readonly ProgramSpec[] = [
  ...alike('echo', { grammar: 'none' }, () => ({ line: "echo -n 'rm -rf /'", effects: ['exec'] })),
  ...alike('true false : pwd times logout', { otherOptions: 'plain' }, (name) => ({ line: name, effects: ['exec'] })),
  ...alike('sleep usleep', { otherOptions: 'plain' }, (name) => ({ line: `${name} 1`, effects: ['exec'] })),
  {
    names: ['printf'],
    grammar: 'posix',
    options: options('-v=', { role: 'variable' }),
    examples: [
      { line: "printf '%s\\n' a", effects: ['exec'] },
      { line: "printf -v 'a[$(id)]' x", opaque: true },
    ],
  },
  {
    names: ['test', '['],
    grammar: 'none',
    operands: { rest: 'test-word' },
    examples: [
      { line: '[ -f a ]', effects: ['exec'] },
      { line: "test -v 'a[$(id)]'", opaque: true },
    ],
  },
  ...alike('cd chdir', { options: options('-L -P -e -@ -') }, (name) => ({ line: `${name} src`, effects: ['exec'] })),
  ...alike('pushd popd dirs', { options: options('-n -c -l -p -v'), numeric: true }, (name) => ({
    line: name,
    effects: ['exec'],
  })),
  ...alike('exit return break continue shift', { grammar: 'none' }, (name) => ({
    line: `${name} 1`,
    effects: ['exec'],
  })),
  ...alike(
    'export readonly local declare typeset',
    {
      options: [...options('-n +n -i -A -a -u -l', { opaque: true }), ...options('-f -p -F -g -x -r -t +x -I')],
      operands: { rest: 'variable' },
    },
    (name) => ({ line: `${name} 'A[$(id)]'`, opaque: true }),
  ),
  ...alike('unset', { options: options('-f -v -n'), operands: { rest: 'variable' } }, () => ({
    line: 'unset A',
    effects: ['exec'],
  })),
  {
    names: ['read'],
    options: options('-a= -d= -e -i= -n= -N= -p= -r -s -t= -u='),
    operands: { rest: 'variable' },
    examples: [
      { line: 'read -r line', effects: ['exec'] },
      { line: "read 'a[$(id)]'", opaque: true },
      { line: 'read PATH', effects: ['env.hook'] },
    ],
  },
  ...alike(
    'fg bg disown umask ulimit',
    {
      options: options('-r -s -a -h -S -H -c= -d= -f= -l= -m= -n= -p= -t= -u= -v= -x= -i= -q= -e= -b= -k= -P= -R= -T='),
    },
    (name) => ({ line: name, effects: ['exec'] }),
  ),
  {
    names: ['set'],
    grammar: 'posix',
    options: options(
      '-a -b -e -f -h -m -n -u -v -x -B -C -E -H -P -T -o= +a +b +e +f +h +m +n +u +v +x +B +C +E +H +P +T +o= -',
    ),
    // New positional parameters: what `$1` is then, nobody says.
    operands: { max: 0 },
    examples: [
      { line: 'set -euo pipefail', effects: ['exec'] },
      { line: 'set -- rm a', opaque: true },
    ],
  },
  ...alike('shopt', { options: options('-s -u -q -p -o') }, () => ({ line: 'shopt -s globstar', effects: ['exec'] })),
  ...alike('getopts', { grammar: 'none', operands: { first: ['plain', 'variable'] } }, () => ({
    line: 'getopts ab o',
    effects: ['exec'],
  })),
  ...alike(
    'alias unalias enable bind complete compgen compopt let fc history',
    { grammar: 'none', opaque: true },
    (name) => ({ line: `${name} x`, opaque: true }),
  ),
  ...alike(
    'mapfile readarray',
    { options: options('-t -d= -n= -O= -s= -u='), operands: { rest: 'variable' } },
    (name) => ({
      line: `${name} -t a`,
      effects: ['exec'],
    }),
  ),
  ...alike('jobs', { options: options('-l -n -p -r -s') }, () => ({ line: 'jobs -p', effects: ['exec'] })),
  ...alike('wait', { options: [...options('-f -n'), ...options('-p=', { role: 'variable' })] }, () => ({
    line: 'wait -n',
    effects: ['exec'],
  })),
  ...alike('hash', { options: options('-r -l -t -d') }, () => ({ line: 'hash -p /tmp/x ls', opaque: true })),
  ...alike('source .', { grammar: 'none', operands: { first: ['script'] } }, (name) => ({
    line: `${name} a.sh`,
    effects: ['code.local'],
  })),
  ...alike('eval', { grammar: 'none', operands: { rest: 'shell' } }, () => ({
    line: "eval 'rm a'",
    effects: [{ kind: 'fs.delete', targets: ['a'] }],
  })),
  ...alike('trap', { options: options('-l -p -'), operands: { first: ['shell'] } }, () => ({
    line: "trap 'rm a' EXIT",
    effects: ['exec', { kind: 'fs.delete', targets: ['a'] }],
  })),
]
