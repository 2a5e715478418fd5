import { isCapFenceError, machine } from '@capfence/core'
import { type PolicyCheck, type PolicyFinding, checkPolicy } from '@capfence/core/policy'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { failureText } from '../failure.ts'
import type { Terminal } from '../output.ts'
import { placeText } from '../place.ts'
import { jsonLine, visible } from '../visible.ts'

/** Checks each file with what it extends; one that cannot be read does not keep the others from being checked. */
export async function checkPolicies(
  files: readonly string[],
  options: { readonly json: boolean },
  terminal: Terminal,
): Promise<ExitCode> {
  const codes: ExitCode[] = []
  for (const file of files) codes.push(await checkOne(file, options, terminal))
  return codes.includes(EXIT.unusable) ? EXIT.unusable : codes.includes(EXIT.found) ? EXIT.found : EXIT.ok
}

async function checkOne(file: string, { json }: { readonly json: boolean }, terminal: Terminal): Promise<ExitCode> {
  let found: PolicyCheck
  try {
    found = await checkPolicy(file, machine().files)
  } catch (cause) {
    if (!isCapFenceError(cause)) throw cause
    if (json) await terminal.out.write(jsonLine({ file, error: { code: cause.code, message: cause.message } }))
    else await terminal.err.write(failureText(cause.message, terminal.err))
    return EXIT.unusable
  }
  const { errors, warnings, notes } = found
  const valid = errors.length === 0
  if (json) await terminal.out.write(jsonLine({ file, valid, errors, warnings, notes }))
  else await terminal.out.write(report(file, found, terminal))
  return valid ? EXIT.ok : EXIT.found
}

function report(file: string, { errors, warnings, notes, model }: PolicyCheck, { out }: Terminal): string {
  const { green, yellow, dim } = out.paint
  const rules = model?.rules.length ?? 0
  const told = (findings: readonly PolicyFinding[], mark: string): readonly string[] =>
    findings.map((finding) => `${placeText(finding, mark)}\n`)
  const good = errors.length === 0 ? [`${green('valid')}  ${visible(file)} (${counted(rules, 'rule')})\n`] : []
  return [
    ...told(errors, ''),
    ...told(warnings, `${yellow('warning')}: `),
    ...told(notes, `${dim('note')}: `),
    ...good,
  ].join('')
}

function counted(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? '' : 's'}`
}
