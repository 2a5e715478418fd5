import { PassThrough, Readable, Writable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { slowWriter } from '../../src/proxy/line-writer.ts'
import { type Line, takeLines } from '../../src/proxy/lines.ts'
import { settled } from '../attacks.ts'

/** Takes every line as soon as it may, and keeps it. */
function keeper(wait: () => Promise<void> = () => Promise.resolve()): {
  readonly taken: Line[]
  readonly take: (line: Line) => Promise<void>
} {
  const taken: Line[] = []
  return {
    taken,
    take: (line) => {
      taken.push(line)
      return wait()
    },
  }
}

function inParts(bytes: Buffer, sizes: readonly number[]): Readable {
  const parts: Uint8Array[] = []
  let from = 0
  for (const size of sizes) parts.push(bytes.subarray(from, (from += size)))
  return Readable.from([...parts, bytes.subarray(from)].filter(({ length }) => length > 0))
}

describe('lines', () => {
  test('are-the-same-however-the-bytes-come-and-however-long-each-is-taken', async () => {
    const text = fc.array(fc.string({ unit: 'grapheme', maxLength: 9 }).filter((line) => !/[\n\r]/.test(line)))
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.nat(9)), fc.boolean(), async (wanted, sizes, isSlow) => {
        const { taken, take } = keeper(() => (isSlow ? new Promise(setImmediate) : Promise.resolve()))
        const bytes = Buffer.from(`${wanted.map((line) => `${line}\n`).join('')}half a line`)
        await takeLines(inParts(bytes, sizes), 1000, take)
        expect(taken).toEqual(wanted.map((line) => ({ text: line })))
      }),
    )
  })

  test('are-text-where-a-strict-reader-takes-them-for-text-and-else-are-not', async () => {
    const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    const wanted = (bytes: Uint8Array): Line => {
      try {
        return { text: strict.decode(bytes) }
      } catch {
        return { problem: 'not_utf8' }
      }
    }
    // Bytes at which UTF-8 begins, goes on or breaks off.
    const odd = [0x00, 0x61, 0x7f, 0x80, 0xbf, 0xbb, 0xbd, 0xc0, 0xc3, 0xe0, 0xed, 0xa0, 0xef, 0xf0, 0xf4, 0x90, 0xff]
    const line = fc.oneof(
      fc.array(fc.constantFrom(...odd), { maxLength: 6 }).map((bytes) => Buffer.from(bytes)),
      fc.string({ unit: 'binary' }).map((text) => Buffer.from(text.replaceAll(/[\r\n]/g, ' '))),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(line), fc.array(fc.nat(5)), async (all, sizes) => {
        const { taken, take } = keeper()
        const newline = Buffer.from('\n')
        await takeLines(inParts(Buffer.concat(all.flatMap((bytes) => [bytes, newline])), sizes), 1000, take)
        expect(taken).toEqual(all.map(wanted))
      }),
      { numRuns: 1000 },
    )
    const { taken, take } = keeper()
    await takeLines(inParts(Buffer.from('\ufeff\ufffd\n\r\n\r\r\n'), [2]), 1000, take)
    expect(taken).toEqual([{ text: '\ufeff\ufffd' }, { text: '' }, { text: '\r' }])
  })

  test('are-handed-over-one-at-a-time-and-no-more-is-read-than-that-waits-for', async () => {
    let read = 0
    const source = new Readable({
      highWaterMark: 1000,
      read() {
        read += 1
        this.push(read > 200 ? null : `${'x'.repeat(99)}\n`.repeat(5))
      },
    })
    let go: (() => void) | undefined
    const { taken, take } = keeper(
      () =>
        new Promise((resolve) => {
          go = resolve
        }),
    )
    const all = takeLines(source, 1000, take)
    await settled()
    expect(taken).toHaveLength(1)
    expect(read).toBeLessThan(10)
    for (let line = 2; line <= 20; line += 1) {
      go?.()
      await settled(1)
      expect(taken).toHaveLength(line)
    }
    expect(read).toBeLessThan(15)
    while (taken.length < 1000) {
      go?.()
      await new Promise(setImmediate)
    }
    go?.()
    await all
    expect(taken).toEqual(Array.from({ length: 1000 }, () => ({ text: 'x'.repeat(99) })))
  })

  test('that-someone-else-lets-flow-on-are-still-handed-over-one-at-a-time-and-in-order', async () => {
    const source = new PassThrough()
    let go: (() => void) | undefined
    const { taken, take } = keeper(
      () =>
        new Promise((resolve) => {
          go = resolve
        }),
    )
    const all = takeLines(source, 1000, take)
    for (const part of ['1\n2', '2\n', '3\n4\n5', '5\n']) {
      source.write(part)
      source.resume()
      await settled(1)
    }
    source.end()
    expect(taken).toEqual([{ text: '1' }])
    for (let line = 0; line < 5; line += 1) {
      go?.()
      await settled(1)
    }
    await all
    expect(taken.map((line) => 'text' in line && line.text)).toEqual(['1', '22', '3', '4', '55'])
  })

  test('that-are-too-long-cost-no-more-than-one-that-fits-and-the-next-one-is-whole', async () => {
    const { taken, take } = keeper()
    const long = Array.from({ length: 1000 }, () => 'x'.repeat(1000)).concat('\nnext\n')
    await takeLines(Readable.from(long, { objectMode: false }), 20, take)
    await takeLines(Readable.from([Buffer.from(`${'y'.repeat(21)}\n${'y'.repeat(20)}\n`)]), 20, take)
    expect(taken).toEqual([
      { problem: 'too_long' },
      { text: 'next' },
      { problem: 'too_long' },
      { text: 'y'.repeat(20) },
    ])
  })

  test('of-a-stream-that-breaks-off-are-taken-no-further', async () => {
    for (const cause of [new Error('gone'), undefined]) {
      const source = new PassThrough()
      let go: (() => void) | undefined
      const { taken, take } = keeper(
        () =>
          new Promise((resolve) => {
            go = resolve
          }),
      )
      const all = takeLines(source, 1000, take)
      source.write('1\n2\n')
      await settled(1)
      source.destroy(cause)
      await expect(all).rejects.toThrow(cause === undefined ? 'Premature close' : 'gone')
      go?.()
      await settled(1)
      expect(taken).toEqual([{ text: '1' }])
    }
  })

  test('that-cannot-be-taken-end-the-stream', async () => {
    const takers = [
      () => Promise.reject(new Error('full')),
      () => {
        throw new Error('full')
      },
    ]
    for (const take of takers) {
      const source = new PassThrough()
      const all = takeLines(source, 1000, take)
      source.write('1\n2\n')
      await expect(all).rejects.toThrow('full')
      expect(source.destroyed).toBe(true)
    }
  })
})

describe('a writer', () => {
  /** A reader that takes one text when it is told to. */
  function reader(): { readonly stream: Writable; readonly read: string[]; readonly next: () => Promise<void> } {
    const read: string[] = []
    let done: (() => void) | undefined
    const stream = new Writable({
      highWaterMark: 4,
      decodeStrings: false,
      write: (text: string, _encoding, callback) => {
        read.push(text)
        done = callback
      },
    })
    return {
      stream,
      read,
      next: async () => {
        done?.()
        await settled(1)
      },
    }
  }

  test('writes-at-once-where-nothing-waits-and-else-one-after-the-other', async () => {
    const { stream, read, next } = reader()
    const { send } = slowWriter(stream)
    const done: string[] = []
    const sent = ['a', 'long', 'b', 'longer', 'c'].map((text) => send(text).then(() => done.push(text)))
    expect(read).toEqual(['a']) // before anything is awaited
    await settled(1)
    expect(done).toEqual(['a'])
    // What there is no room for is not even handed to the stream.
    expect(stream.writableLength).toBe('along'.length)
    for (let text = 0; text < 4; text += 1) await next()
    await next()
    await Promise.all(sent)
    expect(read).toEqual(['a', 'long', 'b', 'longer', 'c'])
    expect(done).toEqual(read)
    const again = send('d')
    expect(read.at(-1)).toBe('d')
    await again
  })

  test('waits-no-longer-for-a-reader-that-is-gone-and-hands-it-nothing-more', async () => {
    const { stream, read } = reader()
    const { send, isGone } = slowWriter(stream)
    const sent = [send('longer'), send('and more')]
    stream.destroy()
    await Promise.all(sent)
    await send('too late')
    expect([read, isGone()]).toEqual([['longer'], true])
  })

  test('that-is-released-waits-for-nobody-and-still-hands-everything-on', async () => {
    const { stream, read, next } = reader()
    const { send, release } = slowWriter(stream)
    const sent = [send('longer'), send('and more')]
    release()
    await Promise.all([...sent, send('the last one')])
    for (let text = 0; text < 3; text += 1) await next()
    expect(read).toEqual(['longer', 'and more', 'the last one'])
  })
})
