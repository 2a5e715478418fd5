import type { Reach } from '../../action/pattern.ts'
import { holdsFolder, isSurelyUnder, mayBeUnder, type RuleFolder, ruleFolder } from '../../facts/path/rule-folder.ts'
import type { TargetReading } from '../bound-facts.ts'
import { FALSE, not, TRUE, type TruthValue, UNKNOWN } from '../truth.ts'
import type { ConditionPlace } from './condition.ts'

/** Judges where a path is; with `whole`, what is done to it is done to all that is below it as well. */
export type FolderTest = (path: TargetReading, whole?: 'whole') => TruthValue

/** Which side of some folders a path is on. */
export type Side = 'under' | 'outside'

/**
 * Whether a path is below one of some folders, or outside all of them. A path has two names, its text and where its links
 * lead: where being true stops, one of them is enough; where it lets through, both must be there.
 */
export function folderTest(written: readonly string[], side: Side, { reach, readers }: ConditionPlace): FolderTest {
  const folders = written.map((text) => folderOf(text, readers.links))
  if (side === 'under') return underTest(folders, reach)
  const isUnder = underTest(folders, reach === 'wide' ? 'narrow' : 'wide')
  return (path, whole) => not(isUnder(path, whole))
}

function underTest(folders: readonly (RuleFolder | undefined)[], reach: Reach): FolderTest {
  const known = folders.filter((folder) => folder !== undefined)
  const may = (path: string): boolean => known.some((folder) => mayBeUnder(path, folder))
  const holds = (path: string): boolean => known.some((folder) => holdsFolder(path, folder))
  const surely = (path: string): boolean => known.some((folder) => isSurelyUnder(path, folder))
  // A folder that could not be looked at may be anywhere.
  const otherwise = known.length === folders.length ? FALSE : UNKNOWN
  return ({ facts, asWritten }, whole) => {
    if (facts.kind === 'opaque' || asWritten.kind === 'opaque') return UNKNOWN
    const [real, text] = [facts.path, asWritten.path]
    const names = [real, text]
    const isUnder =
      reach === 'narrow' ? surely(real) && may(text) : names.some(may) || (whole === 'whole' && names.some(holds))
    return isUnder ? TRUE : otherwise
  }
}

function folderOf(text: string, links: ConditionPlace['readers']['links']): RuleFolder | undefined {
  try {
    return ruleFolder(text, links)
  } catch {
    return undefined // what a rule says of a folder that cannot be looked at is unknown
  }
}
