import type { CommandRange } from './field.ts'
import type { CommandDraft } from './reading.ts'

/** What a command certainly puts out: a plain `echo` or `printf`. Undefined where nobody can know. */
export function fedText(commands: readonly CommandDraft[], { from, to }: CommandRange): string | undefined {
  const command = commands[from]
  if (command === undefined || to - from !== 1 || command.effects.some(({ kind }) => kind !== 'exec')) return undefined
  const words: string[] = []
  for (const arg of command.args) {
    if (arg === undefined) return undefined
    words.push(arg)
  }
  if (command.program === 'echo') return echoed(words)
  return command.program === 'printf' ? printed(words) : undefined
}

function echoed(words: readonly string[]): string | undefined {
  // Shells differ on options and on backslashes.
  if (words[0]?.startsWith('-') === true || words.some((word) => word.includes('\\'))) return undefined
  return `${words.join(' ')}\n`
}

function printed([format, ...words]: readonly string[]): string | undefined {
  if (format === undefined) return undefined
  const text = format.replace(/\\n$/u, '\n')
  if (words.length === 0) return /[%\\]/u.test(text) || format.startsWith('-') ? undefined : text
  if (!/^%s\n?$/u.test(text)) return undefined
  return text.endsWith('\n') ? words.map((word) => `${word}\n`).join('') : words.join('')
}
