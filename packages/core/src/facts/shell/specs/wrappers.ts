import type { ProgramSpec } from '../program-spec.ts'
import { GNU, options } from './options.ts'

/** Programs that only start another one. */
export const wrappers: readonly ProgramSpec[] = [
  {
    names: ['env'],
    grammar: 'posix',
    options: [
      ...GNU,
      ...options(
        '-i,--ignore-environment -0,--null -v,--debug --block-signal[=] --default-signal[=] --ignore-signal[=] --list-signal-handling -',
      ),
      ...options('-u,--unset= -a,--argv0= -P='),
      ...options('-C,--chdir=', { folder: true }),
      // Its value is split into words of its own, with escapes and variables.
      ...options('-S,--split-string=', { role: 'shell', operands: { first: [], max: 0 } }),
    ],
    operands: { first: ['env', 'command'] },
    examples: [
      { line: 'env', effects: ['exec'] },
      { line: 'env -i A=1 rm a', effects: [{ kind: 'fs.delete', targets: ['a'] }] },
      { line: 'env LD_PRELOAD=./a.so ls a', effects: ['env.hook', 'fs.read'] },
      { line: "env -S 'rm a'", effects: [{ kind: 'fs.delete', targets: ['a'] }] },
    ],
  },
  {
    names: ['sudo', 'doas'],
    grammar: 'posix',
    options: [
      ...options('-A,--askpass', { effects: ['exec.unknown'] }),
      ...options('-e,--edit', { operands: { first: [], rest: 'write' } }),
      ...options('-i,--login -s,--shell', { operands: { first: [], rest: 'shell' } }),
      ...options('-l,--list', { operands: { first: [], rest: 'plain' } }),
      ...options('-D,--chdir=', { folder: true }),
      ...options(
        '-B,--bell -b,--background -E -H,--set-home -K,--remove-timestamp -k,--reset-timestamp -N,--no-update -n,--non-interactive -P,--preserve-groups -S,--stdin -V,--version -v,--validate -L --help',
      ),
      ...options(
        '--preserve-env[=] -C,--close-from= -g,--group= -h,--host= -p,--prompt= -R,--chroot= -r,--role= -T,--command-timeout= -t,--type= -U,--other-user= -u,--user= -a=',
      ),
    ],
    effects: ['priv.change'],
    // With `-s` or `-i`, and no command.
    stdin: 'shell',
    operands: { first: ['env', 'command'] },
    examples: [
      { line: 'sudo -u root rm a', effects: ['priv.change', { kind: 'fs.delete', targets: ['a'] }] },
      { line: 'sudo -s rm a', effects: ['priv.change', { kind: 'fs.delete', targets: ['a'] }] },
      { line: 'sudo --surprise rm a', opaque: true },
    ],
  },
  {
    names: ['xargs', 'gxargs'],
    grammar: 'posix',
    options: [
      ...GNU,
      ...options('-a,--arg-file=', { role: 'read' }),
      ...options('-I= --replace[=] -i[=] -J=', { placeholder: true }),
      ...options('-0,--null -o,--open-tty -p,--interactive -r,--no-run-if-empty --show-limits -t,--verbose -x,--exit'),
      ...options(
        '-d,--delimiter= -E= -e[=] --eof[=] -L= -l[=] --max-lines[=] -n,--max-args= -P,--max-procs= --process-slot-var= -s,--max-chars= -R= -S=',
      ),
    ],
    stdin: 'words',
    operands: { first: ['command'] },
    examples: [
      { line: 'xargs -0 rm -rf', effects: ['fs.delete'] },
      { line: 'xargs', effects: ['exec'] },
      { line: 'xargs -n1 -I{} cp {} out', effects: ['fs.read', 'fs.write'] },
    ],
  },
]
