import type { Field } from './field.ts'

/** Programs that read some of their input and leave the rest, unless they have more operands than these. */
const READERS: ReadonlyMap<string, number> = new Map([
  ...['read', 'mapfile', 'readarray', 'line'].map((name) => [name, Infinity] as const),
  ...['head', 'tail', 'od', 'xxd', 'hexdump'].map((name) => [name, 0] as const),
  ...['sed', 'grep', 'egrep', 'fgrep'].map((name) => [name, 1] as const),
])

/** Whether a program may read from what its shell reads its own text from: the shell goes on behind that. */
export function mayReadInput(name: string, words: readonly Field[]): boolean {
  if (name === 'sudo') return words.some(({ text = '-S' }) => /^-(?:\w*S|-st)/u.test(text))
  if (name === 'dd') return !words.some(({ head }) => head.startsWith('if='))
  const most = READERS.get(name)
  return most !== undefined && words.filter(isOperand).length <= most
}

function isOperand({ text }: Field): boolean {
  return text !== undefined && !/^(?:[-+].*|\d+\w?)$/su.test(text)
}
