import { InvalidArgumentError, Option } from 'commander'
import { type Parts, databaseOption, jsonOption } from './program-parts.ts'
import { RECEIPT_HELP } from './receipt-help.ts'

/** Adds the commands that make and check receipts. */
export function addReceipts(parts: Parts): void {
  addReceipt(parts)
  addVerifyReceipt(parts)
}

interface ReceiptOptions {
  seq?: number
  event?: string
  chain: string
  out?: string
  db?: string
  json?: true
}

function addReceipt({ root, terminal, report }: Parts): void {
  root
    .command('receipt')
    .description('write the proof that a record stands in the trail')
    .addOption(new Option('--seq <number>', 'the record, by its number').argParser(place).conflicts('event'))
    .option('--event <id>', 'the newest decision on the event of this id')
    .option('--chain <name>', 'the chain', 'main')
    .option('--out <file>', 'write it there; standard output where left out')
    .addOption(databaseOption())
    .addOption(new Option('--json', 'in JSON, with the record as text; errors as JSON lines'))
    .addHelpText('after', RECEIPT_HELP.receipt)
    .action(async ({ seq, event, chain, out, db, json }: ReceiptOptions) => {
      const wanted = seq === undefined ? event : seq
      if (wanted === undefined) throw new InvalidArgumentError("one of '--seq' and '--event' must be there")
      const { receipt } = await import('./commands/receipt.ts')
      report.done(await receipt({ wanted, chain, out, database: db, json: json === true }, terminal))
    })
}

function addVerifyReceipt({ root, terminal, report }: Parts): void {
  root
    .command('verify-receipt')
    .description('check a receipt, with nothing but it and a pinned key')
    .argument('<file>', 'the receipt, either form; `-` reads standard input')
    .option('--trust <key>', "a writer's public key (vkey), or a file that holds some or is a trust.json")
    .addOption(jsonOption())
    .addHelpText('after', RECEIPT_HELP.verifyReceipt)
    .action(async (file: string, options: { trust?: string; json?: true }) => {
      const { verifyReceipt } = await import('./commands/verify-receipt.ts')
      report.done(await verifyReceipt({ file, trust: options.trust, json: options.json === true }, terminal))
    })
}

function place(text: string): number {
  if (!/^(?:0|[1-9]\d{0,14})$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 0.')
  return Number(text)
}
