import { CapFenceError, type Machine } from '@capfence/core'
import type { Checkpoint, StoreReport } from '@capfence/core/audit'
import { headText, parseHeadText } from './expected-head.ts'

const MAX_STATE_BYTES = 1_048_576
const FIRST_LINE = 'capfence verify state 1'

/** The heads that an earlier run remembered in a file; undefined where there is no file yet. */
export function readVerifyState(machine: Machine, path: string): readonly Checkpoint[] | undefined {
  const text = machine.files.read(path, MAX_STATE_BYTES)
  if (text === undefined) return undefined
  const [first, ...lines] = text.split('\n')
  const heads = lines.slice(0, -1).map(parseHeadText)
  const good = heads.filter((head) => head !== undefined)
  const isWhole = first === FIRST_LINE && lines.at(-1) === '' && good.length > 0 && good.length === heads.length
  if (isWhole) return good
  // To start anew would be to forget what it was there to remember.
  throw new CapFenceError(
    'HEAD_INVALID',
    `\`${path}\` is not what \`verify --state\` wrote, or is damaged; if that is known, remove it`,
  )
}

/** Remembers how far the chains of a good trail reach. What a run that ended sooner remembered of more stays. */
export function writeVerifyState(machine: Machine, path: string, { chains }: Pick<StoreReport, 'chains'>): void {
  const earlier = readVerifyState(machine, path) ?? []
  const heads = chains.map(({ origin, records: size, root }): Checkpoint => {
    return earlier.find((head) => head.origin === origin && head.size > size) ?? { origin, size, root }
  })
  machine.files.replace(path, `${[FIRST_LINE, ...heads.map(headText)].join('\n')}\n`, 0o600)
}
