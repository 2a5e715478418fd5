import { expect, test } from 'vitest'
import { ActionEvent } from '../../../src/action/action-event.ts'
import { parsePolicyText } from '../../../src/policy/load/load-policy.ts'
import { scratchFolder } from '../../support/scratch.ts'
import { type Executed, executedByBash } from './bash-oracle.ts'

// Nothing but looking is allowed: each of these lines is denied.
const POLICY = `version: 1
tools: { run: { capability: shell.exec.workspace, command: cmd } }
allow:
  - { capability: shell.exec.workspace, shell: { effects_only: [exec, fs.read] } }
`
const DANGEROUS = [
  'rm -rf /srv/data',
  "ls; rm -rf 'my data'",
  'cat a | xargs rm -f',
  'true && shred -u key',
  'echo $(unlink /srv/a)',
  'sh -c "rm -r x"',
  'env A=1 truncate -s 0 db',
  'chmod 777 /etc/passwd',
  '\\rm "-r"f x',
  'if true; then mkfs /dev/sda; fi',
  'dd if=/dev/zero of=disk',
  "r'm' -rf ${HOME}/x",
]
/** How many operands each needs before it does anything. */
const OPERANDS: Readonly<Record<string, number>> = { rm: 1, shred: 1, unlink: 1, truncate: 1, mkfs: 1, chmod: 2 }

function doesHarm([program = '', ...words]: Executed): boolean {
  if (program === 'dd') return words.some((word) => word.startsWith('of='))
  const needed = Object.hasOwn(OPERANDS, program) ? OPERANDS[program] : undefined
  return needed !== undefined && words.filter((word) => !word.startsWith('-')).length >= needed
}

/** Every text that differs in one bit. */
function* flips(text: string): Generator<string> {
  for (let at = 0; at < text.length; at++) {
    for (let bit = 0; bit < 7; bit++) {
      const code = text.charCodeAt(at) ^ (1 << bit)
      // Bash reads no NUL, and neither do we.
      if (code !== 0) yield text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1)
    }
  }
}

test('law: no-flipped-bit-lets-a-denied-line-do-what-it-was-denied-for', { timeout: 120_000 }, async () => {
  const policy = await parsePolicyText(POLICY)
  const allows = (cmd: string): boolean =>
    policy.evaluate(
      ActionEvent.create({
        tool: 'run',
        actor: 'a',
        action: 'exec',
        resource: 'shell.workspace',
        environment: 'test',
        risk: 'low',
        args: { cmd },
      }),
    ).decision === 'allow'
  expect(DANGEROUS.filter(allows)).toEqual([])
  const allowed = DANGEROUS.flatMap((line) => [...flips(line)]).filter(allows)
  // Some flips do make a line harmless: were all of them denied, nothing would be shown.
  expect(allowed.length).toBeGreaterThan(20)
  const ran = await executedByBash(allowed, scratchFolder())
  const wrong = allowed.filter((_line, at) => ran[at]?.some(doesHarm) !== false)
  expect(wrong).toEqual([])
})
