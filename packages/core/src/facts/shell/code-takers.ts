import { addEffect, markOpaque, spend, type Reading } from './reading.ts'

/**
 * Says what the programs run that take code from other commands: `code.remote` where one of these fetches, at whatever
 * distance; else a shell's text is not known.
 */
export function judgeTakers(reading: Reading): void {
  if (reading.takers.length === 0) return
  const sources = new Map<number, number[]>()
  for (const { from, to } of reading.flows) {
    const known = sources.get(to)
    if (known === undefined) sources.set(to, [from])
    else known.push(from)
  }
  for (const { index, kind } of reading.takers) {
    const command = reading.commands[index]
    if (command === undefined) continue
    const { span } = command
    if (isFetched(reading, sources, index)) addCode(reading, index, 'code.remote')
    else if (kind === 'shell') markOpaque(reading, 'a shell runs a text that nobody can know', span)
    else if (!command.effects.some((effect) => effect.kind.startsWith('code.'))) addCode(reading, index, 'code.inline')
  }
}

function addCode(reading: Reading, index: number, kind: 'code.remote' | 'code.inline'): void {
  const command = reading.commands[index]
  if (command === undefined) return
  const exec = command.effects.findIndex((effect) => effect.kind === 'exec')
  if (exec !== -1) command.effects.splice(exec, 1)
  addEffect(command.effects, kind, { targets: [], span: command.span })
}

function isFetched(reading: Reading, sources: ReadonlyMap<number, readonly number[]>, index: number): boolean {
  const seen = new Set([index])
  const waiting = [index]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const source of sources.get(next) ?? []) {
      if (!spend(reading, 1)) return false
      if (seen.has(source)) continue
      if (reading.commands[source]?.effects.some(({ kind }) => kind === 'net.connect') === true) return true
      seen.add(source)
      waiting.push(source)
    }
  }
  return false
}
