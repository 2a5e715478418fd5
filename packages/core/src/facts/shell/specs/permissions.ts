import type { ProgramSpec } from '../program-spec.ts'
import { alike, GNU, options } from './options.ts'

/** Programs that change who may do what with a file. */
export const permissions: readonly ProgramSpec[] = [
  {
    names: ['chmod'],
    options: [
      ...GNU,
      ...options('--reference=', { operands: { first: [] } }),
      ...options(
        '-R,--recursive -c,--changes -f,--silent,--quiet -v,--verbose --preserve-root --no-preserve-root -h,--no-dereference -H -L -P --dereference',
      ),
      // Modes that look like options: then no operand is the mode.
      ...options('-r -w -x -X -s -t -rw -rx -wx -rwx -u -g -o', { operands: { first: [] } }),
      ...options('+r +w +x +X +s +t +rw +rx +wx +rwx', { operands: { first: [] } }),
    ],
    operands: { first: ['plain'], rest: 'perm' },
    examples: [
      { line: 'chmod +x a', effects: [{ kind: 'fs.perm', targets: ['a'] }] },
      { line: 'chmod -R 777 a b', effects: [{ kind: 'fs.perm', targets: ['a', 'b'] }] },
      { line: 'chmod -x a', effects: [{ kind: 'fs.perm', targets: ['a'] }] },
    ],
  },
  ...alike(
    'chown chgrp',
    {
      options: [
        ...GNU,
        ...options('--reference=', { operands: { first: [] } }),
        ...options(
          '-R,--recursive -c,--changes -f,--silent,--quiet -v,--verbose -h,--no-dereference --dereference --from= --preserve-root --no-preserve-root -H -L -P',
        ),
      ],
      operands: { first: ['plain'], rest: 'perm' },
    },
    (name) => ({ line: `${name} -R a:b c`, effects: [{ kind: 'fs.perm', targets: ['c'] }] }),
  ),
  ...alike(
    'setfacl chattr setcap xattr chcon restorecon icacls chflags',
    { grammar: 'none', effects: ['fs.perm'], operands: { rest: 'perm' } },
    (name) => ({ line: `${name} x a`, effects: ['fs.perm'] }),
  ),
  ...alike('getfacl lsattr getcap', { otherOptions: 'plain', operands: { rest: 'read' } }, (name) => ({
    line: `${name} a`,
    effects: ['fs.read'],
  })),
]
