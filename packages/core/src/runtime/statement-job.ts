import { saltedDigest } from '../action/salted-digest.ts'
import type { Application } from '../approval/application.ts'
import { applyStatement, statementKeys } from '../approval/apply-statement.ts'
import { INBOX, type Envelope, inboxWithout } from '../approval/inbox.ts'
import type { ApprovalMemory } from '../approval/memory.ts'
import { parseRequest, requestKey } from '../approval/requests.ts'
import { signerOf } from '../approval/trusted.ts'
import { keyPath, readKey } from '../audit/key-file.ts'
import type { StatementDraft } from '../audit/record-draft.ts'
import { fromHex } from '../kernel/bytes.ts'
import { isCapFenceError } from '../kernel/errors.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { Machine } from '../kernel/ports.ts'
import { parseVkey } from '../kernel/vkey.ts'
import type { CommitJob, CommitView } from './commit-job.ts'
import type { ApproverSource, Notaries } from './notary.ts'

/** What a policy says of approvals. */
export interface ApprovalRules extends ApproverSource {
  readonly maxGrantMs: number
}

/** By whose rules statements are applied. */
export interface StatementRules {
  readonly writer: string
  readonly machine: Pick<Machine, 'files' | 'host'>
  readonly notary: Notaries
  /** The policy in force, or what is known of it. */
  readonly policy: () => ApprovalRules
}

/** The job that records a statement, and applies it where it holds. `fromInbox`: it leaves the inbox with that. */
export function statementJob(envelope: Envelope, rules: StatementRules, fromInbox = false): CommitJob<Application> {
  return {
    keys: [...statementKeys(envelope), ...(fromInbox ? [INBOX] : [])],
    apply: (view) => {
      const policy = rules.policy()
      const notary = rules.notary(policy, view.origin)
      const { now, chain, seq } = view
      const place = { now, chain, seq, get: (key: string) => view.get(key), notary, maxGrantMs: policy.maxGrantMs }
      const application = applyStatement(envelope, place)
      const draft: StatementDraft = {
        kind: 'statement',
        writer: rules.writer,
        statement: { ...envelope.statement } as unknown as JsonObject, // plain JSON, as it was parsed
        sig: envelope.sig,
        by: signerOf(envelope, notary) ?? null,
        assurance: assurance(envelope, rules.machine),
        refused: application.refused ?? null,
        digest: digestOf(envelope, view),
      }
      const left = fromInbox ? inboxWithout(view.get(INBOX), envelope) : []
      return { drafts: [draft], writes: [...application.writes, ...left], value: application }
    },
  }
}

/** Takes note of what a durable statement changed. */
export function sawStatement(application: Application, memory: ApprovalMemory): void {
  if (application.refused !== undefined) return
  const { saw } = application
  if ('request' in saw) memory.sawRequest(saw.request)
  else if ('grant' in saw) memory.sawGrant(saw.grant)
  else memory.sawSuspension([saw.target], () => true) // whoever signed it was found to be trusted
}

// The key lies with the writer's user: whoever may act as the one may sign as the other.
function assurance({ statement: { key } }: Envelope, machine: StatementRules['machine']): 'local' | 'separate' {
  try {
    return readKey(machine, keyPath(machine, parseVkey(key).name)).vkey === key ? 'local' : 'separate'
  } catch (cause) {
    if (isCapFenceError(cause)) return 'separate' // no such key here, or none that this user could sign with
    throw cause
  }
}

function digestOf({ statement, digest }: Envelope, view: CommitView): StatementDraft['digest'] {
  const isAnswer = statement.kind === 'approve' || statement.kind === 'reject'
  if (!isAnswer || digest === undefined) return undefined
  const request = parseRequest(view.get(requestKey(digest)))
  const salt = request === undefined ? undefined : fromHex(request.salt)
  return salt === undefined || salt.length !== 16 || request?.digest !== digest
    ? undefined
    : keptDigest(statement.digest, digest, salt)
}

// Kept only where it is what was signed: a record must not commit to something else.
function keptDigest(signed: string, raw: string, salt: Uint8Array): StatementDraft['digest'] {
  return saltedDigest(raw, salt) === signed ? { raw, salt } : undefined
}
