import { awkEffects } from './awk-text.ts'
import type { TextRole } from './program-spec.ts'
import { sedEffects } from './sed-text.ts'
import { gitBranch, gitConfig, gitDiscard, gitPath, gitRefspec } from './specs/texts/git-texts.ts'
import { dateOperand, page, testWord, variable } from './specs/texts/name-texts.ts'
import {
  atFile,
  data,
  httpMethod,
  remoteShell,
  sshOption,
  transferSource,
  transferTarget,
  url,
  volume,
} from './specs/texts/net-texts.ts'
import { object, query, queryOrFile } from './specs/texts/query-texts.ts'
import { sqlEffects } from './specs/texts/sql-text.ts'
import type { TextReader } from './text-reading.ts'

/** The reader of each role that has one. */
export const TEXT_READERS: Readonly<Record<TextRole, TextReader>> = {
  sed: sedEffects,
  awk: awkEffects,
  sql: sqlEffects,
  query,
  'query-or-file': queryOrFile,
  object,
  url,
  data,
  'at-file': atFile,
  'http-method': httpMethod,
  'copy-from': transferSource,
  'copy-to': transferTarget,
  variable,
  'test-word': testWord,
  'date-operand': dateOperand,
  page,
  'git-config': gitConfig,
  'git-refspec': gitRefspec,
  'git-branch': gitBranch,
  'git-path': gitPath,
  'git-discard': gitDiscard,
  'ssh-option': sshOption,
  'remote-shell': remoteShell,
  volume,
}
