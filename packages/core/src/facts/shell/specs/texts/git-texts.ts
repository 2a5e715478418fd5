import type { TextReading } from '../../text-reading.ts'

const CODE: TextReading = [{ kind: 'code.inline' }]
const DESTRUCTIVE: TextReading = [{ kind: 'vcs.destructive' }]

/** Keys under which git finds nothing to run, nothing to load and nowhere to connect. */
const QUIET =
  /^(?:user\.(?:name|email)|(?:author|committer)\.(?:name|email)|color\..+|advice\..+|column\..+|core\.(?:quotepath|autocrlf|eol|safecrlf|longpaths|filemode|ignorecase|abbrev|precomposeunicode|symlinks|whitespace|preloadindex|untrackedcache|compression)|diff\.(?:renames|renamelimit|algorithm|context|noprefix|mnemonicprefix|colormoved|wserrorhighlight|submodule)|log\.[a-z]+|merge\.(?:conflictstyle|renames|ff|stat)|pull\.(?:rebase|ff)|push\.(?:default|autosetupremote|followtags)|init\.defaultbranch|fetch\.prune|branch\.(?:autosetuprebase|autosetupmerge|sort)|branch\..+\.(?:remote|merge|rebase|description)|rebase\.(?:autosquash|autostash)|rerere\.enabled|http\.(?:postbuffer|lowspeedlimit|lowspeedtime|version)|i18n\.[a-z]+|status\.[a-z]+|blame\.[a-z]+|tag\.sort|versionsort\..+|pack\.threads|gc\.auto|protocol\.version|lfs\.(?:locksverify|fetchexclude))$/u
/** Keys whose value is a program, with values that run nothing worth a name. */
const PROGRAM_KEYS = /^(?:core\.(?:pager|editor|hookspath|fsmonitor)|sequence\.editor|pager\..+|credential\.helper)$/u
const NO_PROGRAM = /^(?:|cat|less|true|false|:|\/dev\/null)$/u
const SIGNING = /^(?:commit|tag)\.gpgsign$/u
/** Words of the newer `git config` that stand before the key. */
const VERBS = /^(?:get|list)$/u

/** `key=value` of `git -c`, or the key alone of `git config`: all but keys known to be quiet count as code. */
export function gitConfig(text: string | undefined): TextReading {
  if (text === undefined) return CODE
  const [, name = '', value] = /^([^=]*)(?:=(.*))?$/su.exec(text) ?? []
  const key = name.toLowerCase()
  return QUIET.test(key) || VERBS.test(key) || isQuietValue(key, value) ? [] : CODE
}

function isQuietValue(key: string, value: string | undefined): boolean {
  if (SIGNING.test(key)) return value === undefined || /^(?:false|no|off|0)$/iu.test(value)
  return PROGRAM_KEYS.test(key) && value !== undefined && NO_PROGRAM.test(value)
}

/** A refspec of a push: `+ref` overwrites what is there, `:ref` deletes it. */
export function gitRefspec(text: string | undefined): TextReading {
  return text === undefined || /^[+:]/u.test(text) ? DESTRUCTIVE : []
}

/** Names that stand for a branch or a commit wherever people agree on names. */
const BRANCH =
  /^(?:-|@|HEAD|(?:HEAD|@)[~^@{}\w-]*|main|master|dev|develop|development|trunk|staging|production|gh-pages|next|[0-9a-f]{7,40}|v?\d+\.\d+(?:\.\d+)?(?:-[\w.]+)?|(?:origin|upstream|feature|feat|fix|bugfix|hotfix|release|chore|refactor|topic|dependabot|renovate)\/[\w./-]+)$/u

/** The one operand of `git checkout`: where it could be a path, what is in the work tree is discarded. */
export function gitBranch(text: string | undefined): TextReading {
  return text !== undefined && BRANCH.test(text) ? [] : DESTRUCTIVE
}

/** A path whose changes git discards. */
export function gitDiscard(text: string | undefined): TextReading {
  return [{ kind: 'vcs.destructive', ...(text === undefined ? {} : { target: text }) }]
}

/** A revision, or a path: one outside of the work tree is read as a file. */
export function gitPath(text: string | undefined): TextReading {
  if (text === undefined) return [{ kind: 'fs.read' }]
  return /^[/~]|(?:^|\/)\.\.(?:\/|$)/u.test(text) ? [{ kind: 'fs.read', target: text }] : []
}
