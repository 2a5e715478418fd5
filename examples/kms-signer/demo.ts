// The trail's key in a key service: no process of an agent can read it, and no signature means that nothing runs.
// Ends with a non-zero exit code where any step differs from the story.
import { CallRefusedError, openCapFence } from '@capfence/core'
import { stage } from '../stage.ts'
import { check, heading, line, tells } from '../story.ts'
import { kmsSigner } from './kms-signer.ts'
import { startKms } from './kms.ts'

const { capfence } = stage()
heading('A signer that is elsewhere', 'examples/kms-signer/kms-signer.ts')

const kms = await startKms()
const signer = await kmsSigner(kms.url)
const policy = 'examples/kms-signer/policy.yaml'
const { runtime, close } = await openCapFence({ policy, signer, deadlineMs: 1_000, onFault: () => undefined })
const files: string[] = []

/** Reads a file, and says what the gate said; undefined where it was read. */
async function read(file: string): Promise<string | undefined> {
  const context = { actor: 'reader', environment: 'production', risk: 'low' } as const
  try {
    await runtime.run({ ...context, action: 'read', resource: 'filesystem.workspace', args: { file } }, () =>
      files.push(file),
    )
    return undefined
  } catch (error) {
    if (error instanceof CallRefusedError) return error.verdict.reason.code
    throw error
  }
}

line('Each commit is signed by the service, many records at a time:')
const many = Array.from({ length: 200 }, (_, number) => `${String(number)}.txt`)
check(
  (await Promise.all(many.map(read))).every((code) => code === undefined),
  'all 200 files are read',
)
check(kms.signed < 50, 'far fewer signatures than records were asked for')
tells({ verb: 'read', what: '200 files', verdict: 'allowed', why: `${String(kms.signed)} signatures for 401 records` })

line('Where the service fails, nothing runs:')
for (const [mood, file, code] of [
  ['refusing', 'a.txt', 'fault_signer'],
  ['wrong', 'b.txt', 'fault_signer'],
  ['slow', 'c.txt', 'deadline'],
] as const) {
  kms.mood = mood
  const answer = await read(file)
  check(answer === code || (code === 'deadline' && answer === 'fault_signer'), `${mood}: ${String(answer)}`)
  check(!files.includes(file), 'the tool was not started')
  tells({ verb: 'read', what: `${file}, while the service is ${mood}`, verdict: 'denied', why: answer ?? null })
}

line('Where it is well again, the same process goes on:')
kms.mood = 'well'
check((await read('d.txt')) === undefined, 'the file is read')
tells({ verb: 'read', what: 'd.txt', verdict: 'allowed', why: null })
await close()
kms.close()

check(capfence('verify', '--trust', signer.vkey).status === 0, 'the trail verifies under the key of the service')
check(capfence('verify').status !== 0, 'and under no key that lies on this machine')
line('Every step went as told. Next: docs/reference/audit-format.md.')
