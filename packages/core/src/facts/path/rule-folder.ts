import type { Links } from '../../kernel/files.ts'
import { isUnder, normalised } from './posix-path.ts'

/** A folder that a rule names. */
export interface RuleFolder {
  readonly written: string
  /** Where it led when the policy was loaded; what an agent makes of it later does not count. */
  readonly real: string
}

/** The folder of a rule, looked up once, when the policy is loaded: an agent may later put a link in its place. */
export function ruleFolder(text: string, links: Links | undefined): RuleFolder {
  const written = normalised(text)
  return { written, real: links?.realPath(written) ?? written }
}

/** True where a path is surely below the folder: for rules that let through. */
export function isSurelyUnder(path: string, folder: RuleFolder): boolean {
  return isUnder(path, folder.real)
}

/** True where a path is a folder that the rule's stands in: what is done to all of it is done to that as well. */
export function holdsFolder(path: string, folder: RuleFolder): boolean {
  return isUnder(folder.real, path) || isUnder(folder.written, path)
}

/** True where a path may be called below the folder, under either of its names: for rules that stop. */
export function mayBeUnder(path: string, folder: RuleFolder): boolean {
  return isUnder(path, folder.real) || isUnder(path, folder.written)
}
