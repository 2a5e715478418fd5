import type { CommandSpec, ProgramSpec } from '../program-spec.ts'
import { alike, options } from './options.ts'

const BASH: CommandSpec = {
  grammar: 'posix',
  exactLong: true,
  options: [
    ...options('-c', { operands: { first: ['shell'], rest: 'plain' } }),
    ...options('-s', { operands: { first: [], rest: 'plain' } }),
    // They read start-up files of the user's.
    ...options('--rcfile= --init-file=', { role: 'script' }),
    ...options('-a -b -e -f -h -i -k -l -m -n -p -r -t -u -v -x -B -C -E -H -P -T -D -o= -O='),
    ...options('+a +b +e +f +h +i +k +m +n +p +t +u +v +x +B +C +E +H +P +T +o= +O='),
    ...options(
      '--debug --debugger --dump-po-strings --dump-strings --help --login --noediting --noprofile --norc --posix --pretty-print --restricted --verbose --version',
    ),
  ],
  operands: { first: ['script'], rest: 'plain' },
  stdin: 'shell',
}

/** Shells whose text we read, and those whose text we do not. */
export const shells: readonly ProgramSpec[] = [
  {
    ...BASH,
    names: ['bash'],
    examples: [
      { line: "bash -lc 'rm a'", effects: [{ kind: 'fs.delete', targets: ['a'] }] },
      { line: 'bash run.sh x', effects: [{ kind: 'code.local', targets: ['run.sh'] }] },
      { line: "bash <<'E'\nrm a\nE", effects: [{ kind: 'fs.delete', targets: ['a'] }] },
    ],
  },
  ...alike('sh dash ash rbash', BASH, (name) => ({
    line: `${name} -c -e 'rm a' x`,
    effects: [{ kind: 'fs.delete', targets: ['a'] }],
  })),
  ...alike(
    'zsh fish ksh ksh93 mksh pdksh csh tcsh pwsh powershell cmd cmd.exe powershell.exe nu xonsh elvish yash osh',
    { grammar: 'none', effects: ['code.inline'], opaque: true },
    (name) => ({ line: `${name} -c 'rm a'`, opaque: true }),
  ),
]
