import { readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { machine } from '../../src/kernel/ports.ts'
import { scratchFolder } from '../support/scratch.ts'

const { files } = machine()
const io = expect.objectContaining({ code: 'IO' }) as Error

describe('the files of this machine', () => {
  test('create-makes-a-whole-file-and-never-touches-one-that-is-there', () => {
    const folder = scratchFolder()
    const path = join(folder, 'new')
    expect(files.create(path, 'first', 0o600)).toBe(true)
    expect(files.create(path, 'second', 0o644)).toBe(false)
    expect(readFileSync(path, 'utf8')).toBe('first')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readdirSync(folder)).toEqual(['new'])
  })

  test('create-and-claim-do-not-follow-a-link', () => {
    const folder = scratchFolder()
    symlinkSync(join(folder, 'target'), join(folder, 'link'))
    expect(files.create(join(folder, 'link'), 'x', 0o600)).toBe(false)
    expect(files.claim(join(folder, 'link'), 'x')).toBe(false)
    expect(readdirSync(folder)).toEqual(['link'])
  })

  test('replace-leaves-no-draft-where-it-fails', () => {
    const folder = scratchFolder()
    files.folder(join(folder, 'is-a-folder', 'with-content'), 0o700)
    expect(() => files.replace(join(folder, 'is-a-folder'), 'x', 0o600)).toThrow(io)
    expect(readdirSync(folder)).toEqual(['is-a-folder'])
    files.replace(join(folder, 'file'), 'one', 0o600)
    files.replace(join(folder, 'file'), 'two', 0o600)
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('two')
  })

  test('create-and-claim-say-why-they-cannot', () => {
    const path = join(scratchFolder(), 'no', 'such', 'folder')
    expect(() => files.create(path, 'x', 0o600)).toThrow(io)
    expect(() => files.claim(path, 'x')).toThrow(io)
  })

  test('read-refuses-what-is-too-large-or-not-UTF-8', () => {
    const path = join(scratchFolder(), 'file')
    writeFileSync(path, Buffer.from([0x61, 0xff]))
    expect(() => files.read(path, 10)).toThrow(io)
    expect(() => files.read(path, 1)).toThrow(io)
    expect(files.read(`${path}.none`, 10)).toBeUndefined()
  })
})
