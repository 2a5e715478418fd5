import type { RecordFault } from './inspector.ts'
import type { RowDepth } from './verify-row.ts'

/** What pinned keys prove, and what is open without them. */
export function keyNotes(isPinned: boolean): readonly string[] {
  return isPinned
    ? [
        'proven: every record is as it was signed by a pinned key, in its place, with none taken out before the end',
        'not proven: that everything an agent did was recorded, or that whoever held the key told the truth',
      ]
    : [
        'proven: the records agree with each other and with the key that the trail itself names',
        'not proven: whose key that is; whoever can write the database could have made all of it (pin a key with --trust)',
      ]
}

/** What a head kept outside proves about the end, and what is open without one. */
export function headNotes(records: number, remembered: number): readonly string[] {
  if (remembered === 0)
    return ['not proven: that nothing was cut off at the end, for no head kept outside the database is known']
  const proven = `proven: complete up to record ${String(remembered - 1)}, which a head kept outside the database remembers`
  const newer = records - remembered
  return newer === 0 ? [proven] : [proven, `not proven: that the ${String(newer)} records after it are all there were`]
}

/** What erased values mean. */
export function erasedNote(erased: number): readonly string[] {
  return erased === 0
    ? []
    : [`${String(erased)} values of arguments are not kept (erased, or never stored); their commitments stand`]
}

/** What a trail that was taken over without a remembered head leaves open. */
export function adoptedNote(seq: number | undefined): readonly string[] {
  if (seq === undefined) return []
  return [
    `not proven: that nothing was cut off before record ${String(seq)}, where a writer without a head file went on`,
  ]
}

/** What a look that was not the whole one leaves open. */
export function depthNotes({ quick, deep, strict }: RowDepth): readonly string[] {
  const signatures = deep === true ? ['checked: the signature of each record for itself'] : []
  if (quick === true) {
    return [
      ...signatures,
      'not checked (quick): what records say, outcomes, approvals and limits, kept values, and the state beside the trail but for checkpoints',
    ]
  }
  const form = strict === true ? 'checked: each body is canonical to the letter' : ''
  return form === '' ? signatures : [...signatures, form]
}

/** What a newest record that is too old means; nothing where it is not. */
export function ageNotes(newestAt: number | undefined, since: number | undefined): readonly string[] {
  if (since === undefined || (newestAt !== undefined && newestAt >= since)) return []
  if (newestAt === undefined) return ['the trail has no record, and one was demanded']
  const late = Math.ceil((since - newestAt) / 1000)
  return [`the newest record is ${String(late)} s older than was demanded: later ones are missing, or nobody wrote any`]
}

/** What was found besides that which is named first. */
export function doubtNote(doubted: RecordFault | undefined, named: RecordFault | undefined): readonly string[] {
  if (doubted === undefined || doubted === named) return []
  return [`also: record ${String(doubted.seq)} ${doubted.what}`]
}

/** What a loss that a person accepted leaves open. */
export function lossNote(seq: number | undefined): readonly string[] {
  if (seq === undefined) return []
  return [
    `not proven: what stood before record ${String(seq)}, where somebody accepted that records were lost and said why`,
  ]
}
