import type { ProgramSpec } from '../program-spec.ts'
import { GNU, options } from './options.ts'

/** Programs that filter text with a script of their own. */
export const textTools: readonly ProgramSpec[] = [
  {
    names: ['sed', 'gsed'],
    options: [
      ...GNU,
      ...options('-e,--expression=', { role: 'sed', operands: { first: [] } }),
      ...options('-f,--file=', { role: 'script', operands: { first: [] } }),
      ...options('-i,--in-place[=]', { operands: { rest: 'write' } }),
      ...options(
        '-E,-r,--regexp-extended -n,--quiet,--silent -s,--separate -u,--unbuffered -z,--null-data -b,--binary --debug --follow-symlinks --posix --sandbox -l,--line-length=',
      ),
    ],
    stdin: 'code',
    operands: { first: ['sed'], rest: 'read' },
    examples: [
      { line: "sed -n '1,50p' a", effects: [{ kind: 'fs.read', targets: ['a'] }] },
      { line: "sed -i.bak -e 's/a/b/g' a", effects: [{ kind: 'fs.write', targets: ['a'] }] },
      { line: "sed '1e id' a", effects: ['code.inline', 'fs.read'] },
      { line: "sed 's/a/b/w out' a", effects: [{ kind: 'fs.write', targets: ['out'] }, 'fs.read'] },
    ],
  },
  {
    names: ['awk', 'gawk', 'mawk', 'nawk', 'original-awk'],
    grammar: 'posix',
    options: [
      ...options('-f,--file= -E,--exec=', { role: 'script', operands: { first: [] } }),
      ...options('-i,--include= -l,--load= -W=', { role: 'script' }),
      ...options('-e,--source=', { role: 'awk', operands: { first: [] } }),
      ...options('-F,--field-separator= -v,--assign='),
      ...options('-d[=] --dump-variables[=] -o[=] --pretty-print[=] -p[=] --profile[=]', { effects: ['fs.write'] }),
      ...options(
        '-b,--characters-as-bytes -c,--traditional -C,--copyright -g,--gen-pot -h,--help -I,--trace -k,--csv -M,--bignum -N,--use-lc-numeric -n,--non-decimal-data -O,--optimize -P,--posix -r,--re-interval -s,--no-optimize -S,--sandbox -t,--lint-old -V,--version -L[=] --lint[=]',
      ),
    ],
    stdin: 'code',
    operands: { first: ['awk'], rest: 'read' },
    examples: [
      { line: "awk '{print $1}' a", effects: [{ kind: 'fs.read', targets: ['a'] }] },
      { line: "awk -F: '$3 > 5 { n += $3 / 2 } END { print n }' a", effects: ['fs.read'] },
      { line: `awk 'BEGIN{system("id")}'`, effects: ['code.inline'] },
    ],
  },
]
