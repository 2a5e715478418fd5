import type { OptionSpec, ProgramSpec } from '../program-spec.ts'
import { alike, GNU, options } from './options.ts'

const TARGET: readonly OptionSpec[] = options('-S,--suffix= -T,--no-target-directory -v,--verbose')

/** Programs that copy, move and link files. A move writes both places: the old name is gone, the new one holds the file. */
export const copy: readonly ProgramSpec[] = [
  {
    names: ['mv'],
    options: [
      ...GNU,
      ...TARGET,
      ...options('-t,--target-directory=', { role: 'write', operands: { last: 'write' } }),
      ...options(
        '-b --backup[=] -f,--force -i,--interactive -n,--no-clobber -u --update[=] -Z,--context --debug --exchange --no-copy --strip-trailing-slashes -h',
      ),
    ],
    operands: { rest: 'write', last: 'write' },
    examples: [
      { line: 'mv a b', effects: [{ kind: 'fs.write', targets: ['a', 'b'] }] },
      { line: 'mv -t d a b', effects: [{ kind: 'fs.write', targets: ['d', 'a', 'b'] }] },
    ],
  },
  {
    names: ['cp'],
    options: [
      ...GNU,
      ...TARGET,
      ...options('-t,--target-directory=', { role: 'write', operands: { last: 'read' } }),
      ...options(
        '-a,--archive --attributes-only -b --backup[=] --copy-contents -d --debug -f,--force -i,--interactive -H -l,--link -L,--dereference -n,--no-clobber -P,--no-dereference -p --preserve[=] --no-preserve= --parents -R,-r,--recursive --reflink[=] --remove-destination --sparse= --strip-trailing-slashes -s,--symbolic-link -u --update[=] -x,--one-file-system -Z --context[=] --keep-directory-symlink -c -X',
      ),
    ],
    operands: { rest: 'read', last: 'write' },
    examples: [
      {
        line: 'cp -r a b c',
        effects: [
          { kind: 'fs.read', targets: ['a', 'b'] },
          { kind: 'fs.write', targets: ['c'] },
        ],
      },
      {
        line: 'cp --target-dir=c a',
        effects: [
          { kind: 'fs.read', targets: ['a'] },
          { kind: 'fs.write', targets: ['c'] },
        ],
      },
    ],
  },
  {
    names: ['ln'],
    options: [
      ...GNU,
      ...TARGET,
      ...options('-t,--target-directory=', { role: 'write', operands: { last: 'read' } }),
      ...options(
        '-b --backup[=] -d,-F,--directory -f,--force -i,--interactive -L,--logical -n,--no-dereference -P,--physical -r,--relative -s,--symbolic -h -w',
      ),
    ],
    operands: { rest: 'read', last: 'write' },
    examples: [
      {
        line: 'ln -sf a b',
        effects: [
          { kind: 'fs.read', targets: ['a'] },
          { kind: 'fs.write', targets: ['b'] },
        ],
      },
    ],
  },
  {
    names: ['install'],
    options: [
      ...GNU,
      ...TARGET,
      ...options('-t,--target-directory=', { role: 'write', operands: { last: 'read' } }),
      ...options('-d,--directory', { operands: { rest: 'write' } }),
      ...options('-m,--mode= -o,--owner= -g,--group=', { effects: ['fs.perm'] }),
      ...options('--strip-program=', { role: 'command' }),
      ...options(
        '-b --backup[=] -c -C,--compare -D -p,--preserve-timestamps -s,--strip -Z --context[=] --preserve-context',
      ),
    ],
    operands: { rest: 'read', last: 'write' },
    examples: [
      {
        line: 'install -D a b',
        effects: [
          { kind: 'fs.read', targets: ['a'] },
          { kind: 'fs.write', targets: ['b'] },
        ],
      },
      { line: 'install -d a', effects: [{ kind: 'fs.write', targets: ['a'] }] },
    ],
  },
  {
    names: ['dd'],
    grammar: 'key-value',
    options: [
      { names: ['if='], value: 'required', role: 'read' },
      { names: ['of='], value: 'required', role: 'write' },
      { names: ['bs='], value: 'required' },
      { names: ['ibs='], value: 'required' },
      { names: ['obs='], value: 'required' },
      { names: ['cbs='], value: 'required' },
      { names: ['count='], value: 'required' },
      { names: ['skip='], value: 'required' },
      { names: ['iseek='], value: 'required' },
      { names: ['seek='], value: 'required' },
      { names: ['oseek='], value: 'required' },
      { names: ['conv='], value: 'required' },
      { names: ['iflag='], value: 'required' },
      { names: ['oflag='], value: 'required' },
      { names: ['status='], value: 'required' },
    ],
    examples: [
      {
        line: 'dd if=a of=b bs=1M count=1',
        effects: [
          { kind: 'fs.read', targets: ['a'] },
          { kind: 'fs.write', targets: ['b'] },
        ],
      },
    ],
  },
  {
    names: ['tee'],
    options: [...GNU, ...options('-a,--append -i,--ignore-interrupts -p --output-error[=]')],
    operands: { rest: 'write' },
    examples: [{ line: 'tee -a log', effects: [{ kind: 'fs.write', targets: ['log'] }] }],
  },
  {
    names: ['truncate'],
    options: [...GNU, ...options('-c,--no-create -o,--io-blocks -s,--size='), ...options('-r,--reference=')],
    operands: { rest: 'write' },
    examples: [{ line: 'truncate -s 0 log', effects: [{ kind: 'fs.write', targets: ['log'] }] }],
  },
  {
    names: ['touch'],
    options: [
      ...GNU,
      ...options('-a -c,--no-create -d,--date= -f -h,--no-dereference -m -t= --time='),
      ...options('-r,--reference='),
    ],
    operands: { rest: 'write' },
    examples: [{ line: 'touch a b', effects: [{ kind: 'fs.write', targets: ['a', 'b'] }] }],
  },
  {
    names: ['mkdir'],
    options: [...GNU, ...options('-m,--mode= -p,--parents -v,--verbose -Z --context[=]')],
    operands: { rest: 'write' },
    examples: [{ line: 'mkdir -p a/b', effects: [{ kind: 'fs.write', targets: ['a/b'] }] }],
  },
  {
    names: ['mktemp'],
    options: [
      ...GNU,
      ...options('-d,--directory -q,--quiet --suffix= -t'),
      ...options('-u,--dry-run', { cancels: ['fs.write'] }),
      ...options('-p= --tmpdir[=]', { role: 'write' }),
    ],
    operands: { rest: 'write' },
    effects: ['fs.write'],
    examples: [
      { line: 'mktemp -u', effects: ['exec'] },
      { line: 'mktemp -d', effects: ['fs.write'] },
    ],
  },
  ...alike(
    'mknod mkfifo',
    { options: [...GNU, ...options('-m,--mode= -Z --context[=]')], operands: { rest: 'write' } },
    (name) => ({ line: `${name} p`, effects: [{ kind: 'fs.write', targets: ['p'] }] }),
  ),
  {
    names: ['link'],
    options: GNU,
    operands: { rest: 'read', last: 'write' },
    examples: [{ line: 'link a b', effects: ['fs.read', 'fs.write'] }],
  },
  {
    names: ['sponge'],
    options: options('-a'),
    operands: { rest: 'write' },
    examples: [{ line: 'sponge a', effects: [{ kind: 'fs.write', targets: ['a'] }] }],
  },
]
