import { EXIT, type ExitCode } from '../exit-code.ts'
import type { Terminal } from '../output.ts'
import { facts } from '../show/facts.ts'
import { jsonLine, visible } from '../visible.ts'
import type { Signed } from './sign.ts'

/** How the end of an approving command is told. */
export interface Telling {
  readonly json: boolean
  /** What was done, in a word. */
  readonly done: string
  /** What else to say, as label and text. */
  readonly rows: readonly (readonly [label: string, text: string])[]
  /** More members for `--json`. */
  readonly members?: object
}

/** Tells what was signed and where it went; what to watch out for goes to standard error. */
export async function tellSigned(signed: Signed, telling: Telling, { out, err }: Terminal): Promise<ExitCode> {
  const { handed, by, made } = signed
  const { id, state, note, statement } = handed
  if (telling.json) {
    const key = made === undefined ? null : { name: by, vkey: made.signer.vkey, key_file: made.file }
    const { members = {} } = telling
    await out.write(jsonLine({ id, state, statement, note: note ?? null, made_key: key, ...members }))
    return EXIT.ok
  }
  const head = `${out.paint.green(telling.done)}  ${visible(id)}\n`
  await out.write(`${head}${facts([...telling.rows, ['by', by], ['state', STATES[state]]], out)}`)
  if (note !== undefined) await err.write(`${err.paint.yellow('warning:')} ${visible(note)}\n`)
  return EXIT.ok
}

const STATES = {
  applied: 'recorded and in force',
  waiting:
    'left in the inbox, for this user cannot write the trail: the next call of an agent applies it, where the key is trusted there',
} as const
