// What single texts of the conditions on commands, SQL, paths and URLs must be.
import { checkRoot, type TextCheck } from './texts.ts'

const MAX_NAME = 256

export const checkFolder: TextCheck = (text) =>
  checkRoot(text) ??
  (text.includes('*') ? `${shown(text)}: a folder covers all that is below it, without \`*\`` : undefined)

export const checkFlag: TextCheck = (text) => {
  if (text.startsWith('-'))
    return `${shown(text)}: write the option's long name without dashes, for example \`recursive\``
  return checkWord(text)
}

export const checkProgramGlob: TextCheck = (text) =>
  text.includes('/') ? `${shown(text)}: a program is named without its folder, for example \`rm\`` : checkWord(text)

/** A table or a function: `table`, `schema.table`. */
export const checkNameGlob: TextCheck = (text) =>
  text.split('.').every((part) => part !== '') ? checkWord(text) : `${shown(text)} is no name: write \`schema.table\``

export const checkScheme: TextCheck = (text) =>
  /^[a-z][a-z0-9+.-]*$/i.test(text) ? undefined : `${shown(text)} is no scheme, for example \`https\``

export const checkHostGlob: TextCheck = (text) => {
  if (text.includes('/')) return `${shown(text)} is no host: write it without scheme and path`
  const folded = text.toLowerCase()
  const isHost = /^[a-z0-9_*:.-]+$/.test(folded) && folded.split('.').every((label) => label !== '')
  if (!isHost) return `${shown(text)} is no host: labels of a-z, 0-9, \`_\`, \`-\` and \`*\`; other scripts as punycode`
  return /:\d+$/.test(folded) && !folded.slice(0, folded.lastIndexOf(':')).includes(':')
    ? `${shown(text)}: the port goes into \`ports\``
    : undefined
}

function checkWord(text: string): string | undefined {
  if (text === '') return 'an empty text matches nothing'
  if (/\s|\p{Cc}/u.test(text)) return `${shown(text)} can never match: it has a blank or a control character`
  return text.length > MAX_NAME ? `a name is no longer than ${String(MAX_NAME)}` : undefined
}

function shown(text: string): string {
  return JSON.stringify(text.length <= 60 ? text : `${text.slice(0, 59)}…`)
}
