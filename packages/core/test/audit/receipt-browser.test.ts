import { expect, test } from 'vitest'
import { checkReceipt } from '../../src/receipt.ts'
import { findBrowser, inBrowser } from './browser.ts'
import { madeReceipts, nodeAccepts } from './receipt.ts'
import { testSigner } from './trail.ts'

const browser = findBrowser()

const SCRIPT = `
  if (typeof Buffer !== 'undefined' || typeof process !== 'undefined') throw new Error('this is no browser')
  const { checkReceipt } = await import('/src/receipt.ts')
  const answers = []
  for (const { receipt, trust } of input) {
    const bytes = Uint8Array.from(atob(receipt), (unit) => unit.charCodeAt(0))
    answers.push((await checkReceipt(bytes, { trust })).status)
  }
  await done(answers)
`

test.skipIf(browser === undefined)(
  'a-browser-checks-receipts-as-Node-does-whichever-byte-was-changed',
  async () => {
    const [vkey, foreign] = [testSigner().vkey, testSigner(8).vkey]
    const made = await madeReceipts()
    const whole = made.flatMap(({ text, json }) => [bytesOf(text), bytesOf(json)])
    const [text = new Uint8Array(), json = new Uint8Array()] = whole.slice(4)
    const cases = [
      ...whole.map((receipt) => ({ receipt, trust: [vkey] })),
      ...whole.flatMap((receipt) => [
        { receipt, trust: [foreign] },
        { receipt, trust: [] },
      ]),
      ...[...changesOf(text), ...changesOf(json)].map((receipt) => ({ receipt, trust: [vkey] })),
    ]
    const answers = await inBrowser(
      browser ?? '',
      SCRIPT,
      cases.map(({ receipt, trust }) => ({ receipt: Buffer.from(receipt).toString('base64'), trust })),
    )
    if (!Array.isArray(answers)) throw new Error(JSON.stringify(answers))
    expect(answers).toHaveLength(cases.length)
    for (const [at, { receipt, trust }] of cases.entries()) {
      const { status } = await checkReceipt(receipt, { trust })
      if (status !== answers[at]) throw new Error(`case ${String(at)} is ${status} here, ${String(answers[at])} there`)
      const isGood = trust.length > 0 && nodeAccepts(receipt, trust)
      if (isGood !== (status === 'authentic')) throw new Error(`case ${String(at)} differs in Node`)
    }
    const counts = Object.groupBy(answers as readonly string[], (status) => status)
    expect(counts['authentic']).toHaveLength(whole.length)
    expect(counts['integrity_only']).toHaveLength(whole.length)
  },
  120_000,
)

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function changesOf(bytes: Uint8Array): readonly Uint8Array[] {
  return Array.from(bytes, (byte, at) => bytes.with(at, byte ^ (1 << (at % 8))))
}
