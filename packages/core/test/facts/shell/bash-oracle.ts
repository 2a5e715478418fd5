import { spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'

/** A word list that bash would have executed. */
export type Executed = readonly string[]

// Nothing runs: the PATH leads nowhere, so each program is a function, or goes to the handler, and is written down with
// its words. The shells that are read are played by the handler itself, as are `exec` and, where the shell does not do
// them, `time` and `command`; names that begin with `q` fail, all others succeed. What could act is switched off. A line
// end would have bash write in two goes, and others between them.
const PLAY = `
capfence_log() {
  set -- "\${@//$'\\4'/$'\\4'4}"
  set -- "\${@//$'\\n'/$'\\4'n}"
  builtin printf '%s\\0' "$capfence_line" "\${@/#/=}" $'\\1end' >&9
  case $1 in q*) return 1 ;; *) builtin printf '%s' out; return 0 ;; esac
}
capfence_shell() {
  set +eux
  capfence_text=$1
  shift
  IFS=$' \\t\\n'
  for capfence_name in X Y i; do
    case \${!capfence_name@a} in *x*) ;; *) unset "$capfence_name" ;; esac
  done
  unset -f f1
  eval "$capfence_text"
}
command_not_found_handle() {
  case $1 in
    sh | bash | dash | ash | rbash)
      capfence_words=("$@") capfence_from=stdin
      shift
      while :; do
        case \${1-} in
          - | --) shift; break ;;
          -*c*) capfence_from=text; shift ;;
          -*s*) capfence_from=words; shift ;;
          [-+]?*) shift ;;
          *) break ;;
        esac
      done
      if [ "$capfence_from" = text ]; then capfence_shell "$1" "\${@:3}"; return; fi
      if [ "$capfence_from" = words ] || [ "$#" = 0 ]; then
        IFS= read -r -d '' capfence_text
        capfence_shell "$capfence_text" "$@"
        return
      fi
      set -- "\${capfence_words[@]}" ;;
    time | command | coproc)
      capfence_words=("$@")
      shift
      while :; do case \${1-} in -*) shift ;; *) break ;; esac; done
      if [ "$#" != 0 ]; then command_not_found_handle "$@"; return; fi
      set -- "\${capfence_words[@]}" ;;
  esac
  capfence_log "$@"
}
exec() {
  while :; do
    case \${1-} in
      -a) shift 2 || return 1 ;;
      -c | -l | -cl | -lc) shift ;;
      --) shift; break ;;
      *) break ;;
    esac
  done
  [ "$#" = 0 ] || { command_not_found_handle "$@"; exit; }
}
p1() { capfence_log p1 "$@"; }
p2() { capfence_log p2 "$@"; }
p3() { capfence_log p3 "$@"; }
q1() { capfence_log q1 "$@"; }
enable -n kill source . ulimit umask suspend hash mapfile readarray bind complete compgen history fc
enable -n enable
FUNCNEST=20
`
// Each text is run as a tool would have it run: a shell that is not a subshell goes on with the next line after an error.
const DRIVER = `
export capfence_line=0
while IFS= read -r -d '' text <&8; do
  /bin/bash --norc --noprofile -c "$1"$'\\n'"$text" < /dev/null > /dev/null 2>&1 8<&-
  printf '%s\\0' $'\\2end' >&9
  capfence_line=$((capfence_line + 1))
done
`

/**
 * What bash would execute for each text, in a folder that may be written to. A text on which bash stays longer than a
 * while is undefined: that is a loop, or it waits for itself.
 */
export async function executedByBash(
  texts: readonly string[],
  folder: string,
): Promise<readonly (readonly Executed[] | undefined)[]> {
  const all: (readonly Executed[] | undefined)[] = []
  while (all.length < texts.length) {
    all.push(...parse(await runBash(texts.slice(all.length), folder)))
    if (all.length < texts.length) all.push(undefined)
  }
  return all
}

const PATIENCE_MS = 2_000

/** What the handler wrote down, up to the first text that does not end. */
async function runBash(texts: readonly string[], folder: string): Promise<string> {
  const bash = spawn('/bin/bash', ['--norc', '--noprofile', '-c', DRIVER, 'bash', PLAY], {
    cwd: folder,
    env: { PATH: '/nonexistent', HOME: '~' },
    stdio: ['ignore', 'ignore', 'ignore', 'ignore', 'ignore', 'ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const pipes: readonly (Readable | Writable | null | undefined)[] = bash.stdio
  const input = pipes[8] as Writable
  const output = pipes[9] as Readable
  // It leads a process group of its own, so what it left behind ends with it.
  const end = (): void => {
    if (bash.pid !== undefined && bash.exitCode === null) process.kill(-bash.pid, 'SIGKILL')
    output.destroy()
  }
  const chunks: Buffer[] = []
  let timer = setTimeout(end, PATIENCE_MS)
  input.on('error', end)
  input.end(texts.map((text) => `${text}\0`).join(''))
  await new Promise<void>((resolve, reject) => {
    bash.on('error', reject)
    bash.on('exit', () => setTimeout(resolve, 50))
    output.on('close', resolve)
    output.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      if (!chunk.includes(2)) return
      clearTimeout(timer)
      timer = setTimeout(end, PATIENCE_MS)
    })
  })
  clearTimeout(timer)
  return Buffer.concat(chunks).toString('utf8')
}

function parse(log: string): readonly (readonly Executed[])[] {
  const all: Executed[][] = []
  let words: string[] = []
  let ended = 0
  for (const word of log.split('\0')) {
    if (word === '\u0001end') {
      const [line = '', ...run] = words
      ;(all[Number(line)] ??= []).push(run.map(unescape))
      words = []
    } else if (word === '\u0002end') ended += 1
    else words.push(word)
  }
  // What a text left running may have written after its end.
  return Array.from({ length: ended }, (_none, index) => all[index] ?? [])
}

/** A word as it was before the oracle wrote it down. */
function unescape(word: string): string {
  return word.slice(1).replaceAll('\u0004n', '\n').replaceAll('\u00044', '\u0004')
}
