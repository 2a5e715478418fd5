import { appendFileSync } from 'node:fs'

interface Named {
  readonly name: string
}

const said = (text: string) => ({ content: [{ type: 'text' as const, text }] })

/** Reads a note. */
export function readNote({ name }: Named): ReturnType<typeof said> {
  return said(`the note ${name}`)
}

/** Deletes a note; the test looks for the trace that it leaves. */
export function deleteNote({ name }: Named): ReturnType<typeof said> {
  appendFileSync('deleted.txt', `${name}\n`)
  return said(`deleted ${name}`)
}
