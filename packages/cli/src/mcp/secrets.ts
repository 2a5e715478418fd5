import { readFileSync } from 'node:fs'
import { CapFenceError } from '@capfence/core'
import { InvalidArgumentError } from 'commander'
import { ioMessage } from '../io-message.ts'

const TOKEN = /^[\x21-\x7e]{1,8192}$/
const HEADER = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/** The tokens in a file, one a line, and the one in a variable. Never on the command line: everyone can read that. */
export function tokens(file: string | undefined, variable: string | undefined): readonly string[] {
  const inFile = file === undefined ? [] : linesIn(file)
  const inVariable = variable === undefined ? [] : [variableOf(variable)]
  if (file !== undefined && inFile.length === 0) throw new CapFenceError('IO', `there is no token in \`${file}\``)
  const found = [...inFile, ...inVariable]
  if (found.every((token) => TOKEN.test(token))) return found
  throw new CapFenceError(
    'IO',
    `what is in ${file === undefined ? `the variable \`${String(variable)}\`` : `\`${file}\``} is no token: printable ASCII without blanks`,
  )
}

/** Headers of which each is given as its name and the variable that holds its value. */
export function headersFrom(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((text) => {
      const [, name = '', variable = ''] = /^([^=]+)=(.+)$/s.exec(text) ?? []
      if (!HEADER.test(name))
        throw new InvalidArgumentError(`\`--upstream-header-env\` takes HEADER=VARIABLE, not \`${text}\``)
      const value = variableOf(variable)
      if (!/^[\x20-\x7e]+$/.test(value))
        throw new CapFenceError('IO', `the value of the variable \`${variable}\` cannot stand in a header`)
      return [name.toLowerCase(), value] as const
    }),
  )
}

function linesIn(file: string): readonly string[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new CapFenceError('IO', ioMessage(file, cause), { cause })
  }
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

function variableOf(name: string): string {
  const value = process.env[name]
  if (value === undefined || value === '')
    throw new InvalidArgumentError(`the variable \`${name}\` is not set, or empty`)
  return value
}
