import type { Application } from '../approval/application.ts'
import { INBOX, parseInbox } from '../approval/inbox.ts'
import type { ApprovalMemory } from '../approval/memory.ts'
import type { CommitJob, Committed } from './commit-job.ts'
import { type StatementRules, sawStatement, statementJob } from './statement-job.ts'

/** A job of the inbox, and who is told what became of it. */
export interface InboxJob {
  readonly job: CommitJob<unknown>
  readonly told: (answer: Committed<unknown>) => void
}

/** What a writer needs to empty the inbox. */
export interface InboxOptions {
  readonly rules: StatementRules
  readonly memory: ApprovalMemory
  /** Told of what could not be read or applied. */
  readonly fault: (message: string) => void
}

/** The jobs that record and apply what waits in the inbox, each on its own; what cannot be read is thrown away. */
export function inboxJobs(value: string, { rules, memory, fault }: InboxOptions): readonly InboxJob[] {
  const { envelopes, unreadable } = parseInbox(value)
  const told = (answer: Committed<unknown>): void => {
    if (answer.kind === 'failed') fault(`a statement could not be applied: ${answer.fault.message}`)
    else sawStatement(answer.value as Application, memory) // what `statementJob` answers
  }
  const jobs = envelopes.map((envelope) => ({ job: statementJob(envelope, rules, true), told }))
  return unreadable === 0 ? jobs : [...jobs, { job: cleaning(), told: () => fault(unreadableText(unreadable)) }]
}

// After the others: whatever is left cannot be read.
function cleaning(): CommitJob<undefined> {
  return {
    keys: [INBOX],
    apply: (view) => {
      const { envelopes } = parseInbox(view.get(INBOX))
      const value = envelopes.length === 0 ? null : JSON.stringify({ v: 1, waiting: envelopes })
      return { drafts: [], writes: [{ key: INBOX, value }], value: undefined }
    },
  }
}

function unreadableText(count: number): string {
  return `${String(count)} entries of the inbox are no signed statements, and were thrown away`
}
