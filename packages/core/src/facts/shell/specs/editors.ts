import type { CommandSpec, ProgramSpec } from '../program-spec.ts'
import { alike, options } from './options.ts'

const VIM: CommandSpec = {
  options: [
    ...options('-c= --cmd= -S= -s= -u= -U= -l= --startuptime= --remote-expr= --remote-send=', {
      effects: ['code.inline'],
    }),
    ...options('-w= -W= -V[=] -i=', { effects: ['fs.write'] }),
    ...options(
      '-A -b -C -d -D -E -e -es -f -g -h,--help -H -L -m -M -n -N -o[=] -O[=] -p[=] -q= -r -R -t= -T= -v -x -X -y -Z --clean --headless --noplugin --not-a-term --version --ttyfail',
    ),
  ],
  effects: ['exec.unknown'],
  stdin: 'code',
  operands: { rest: 'write' },
}

/** Editors and pagers: what is typed into them can start anything. */
export const editors: readonly ProgramSpec[] = [
  ...alike('vim vi nvim view vimdiff ex gvim', VIM, (name) => ({
    line: `${name} -c '!id' a`,
    effects: ['code.inline', 'exec.unknown', 'fs.write'],
  })),
  ...alike(
    'ed red',
    {
      options: options('-G -l -r -s -E -p= -v,--verbose -h,--help -V,--version -'),
      stdin: 'code',
      effects: ['exec.unknown'],
      operands: { rest: 'write' },
    },
    (name) => ({
      line: `printf '!id\\n' | ${name} a`,
      effects: ['exec', 'exec.unknown', 'fs.write', 'code.inline'],
    }),
  ),
  ...alike(
    'nano pico emacs emacsclient code subl atom gedit micro helix hx kak joe mcedit cursor',
    { grammar: 'none', effects: ['exec.unknown', 'fs.write'] },
    (name) => ({
      line: `${name} a`,
      effects: ['exec.unknown', 'fs.write'],
    }),
  ),
  ...alike(
    'less more most',
    {
      options: [
        ...options('-o= -O= --log-file= --LOG-FILE=', { role: 'write' }),
        ...options('-k= --lesskey-file= --lesskey-src= --lesskey-content=', { effects: ['code.local'] }),
        // Commands that are typed for one: `!` starts a shell, `|` pipes into one.
        ...options('+![=] +|[=] +s[=] +v[=] +:[=] +#[=]', { effects: ['code.inline'] }),
        ...options('+F +G +g +/[=] +?[=]'),
        ...options('-t= --tag= -T= --tag-file=', { role: 'read' }),
        ...options('-p= --pattern= -b= -h= -j= -x= -y= -z= -P= -D= -n=', {}),
        ...options(
          '-a -A -B -c -C -d -e -E -f -F -g -G -i -I -J -K -L -m -M -N -q -Q -r -R -s -S -u -U -V -w -W -X -~ --quit-if-one-screen --no-init --RAW-CONTROL-CHARS --chop-long-lines --LINE-NUMBERS --ignore-case --help --version',
        ),
      ],
      numeric: true,
      operands: { rest: 'read' },
    },
    (name) => ({ line: `${name} '+!id' a`, effects: ['code.inline', 'fs.read'] }),
  ),
  {
    names: ['man'],
    options: [
      ...options('-P,--pager= -H= --html= -C= --config-file= --preprocessor= -p= -T= --troff-device= -X', {
        effects: ['code.inline'],
      }),
      ...options('-l,--local-file', { operands: { rest: 'read' } }),
      ...options(
        '-k,--apropos -f,--whatis -a,--all -w,--where,--path,--location -W -K,--global-apropos -d,--debug -D,--default -i -I --regex --wildcard --names-only -u --no-subpages -7 -Z -t -V,--version -?,--help --usage',
      ),
      ...options('-s,--sections= -S= -L,--locale= -m,--systems= -M,--manpath= -e,--extension= -r,--prompt= -R= -E='),
    ],
    operands: { rest: 'page' },
    examples: [
      { line: 'man ls', effects: ['exec'] },
      { line: 'man /a/b', effects: [{ kind: 'fs.read', targets: ['/a/b'] }] },
      { line: 'man -P ./x ls', effects: ['code.inline'] },
    ],
  },
  ...alike('info tldr cheat help', { grammar: 'none', operands: { rest: 'page' } }, (name) => ({
    line: `${name} ls`,
    effects: ['exec'],
  })),
]
