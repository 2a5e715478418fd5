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
