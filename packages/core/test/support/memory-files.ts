import { CapFenceError } from '../../src/kernel/errors.ts'
import type { Files } from '../../src/kernel/files.ts'

/** Files that stand in memory and cannot be changed; a link is a text that starts with `-> `. */
export function memoryFiles(texts: Readonly<Record<string, string>>): Files {
  const target = (path: string): string => {
    const text = textAt(path)
    return text?.startsWith('-> ') === true ? target(text.slice(3)) : path
  }
  const textAt = (path: string): string | undefined => (Object.hasOwn(texts, path) ? texts[path] : undefined)
  const read = (path: string, maxBytes: number): string | undefined => {
    const text = textAt(target(path))
    if (text !== undefined && Buffer.byteLength(text) > maxBytes)
      throw new CapFenceError('IO', `\`${path}\` is too large`)
    return text
  }
  const refuse = (): never => {
    throw new CapFenceError('IO', 'these files cannot be changed')
  }
  return {
    read,
    facts: (path) => {
      const text = textAt(target(path))
      if (text === undefined) return undefined
      const sizeBytes = Buffer.byteLength(text)
      return { kind: 'file', fileId: target(path), mode: 0o644, ownerId: 0, sizeBytes, changedAt: 0 }
    },
    realPath: (path) => target(path),
    links: { realPath: (path) => (textAt(target(path)) === undefined ? undefined : target(path)), isLink: () => false },
    claim: refuse,
    create: refuse,
    append: refuse,
    end: refuse,
    replace: refuse,
    remove: refuse,
    folder: refuse,
    restrict: refuse,
  }
}
