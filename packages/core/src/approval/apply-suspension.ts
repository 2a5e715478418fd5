import { type Application, type To, applied, done, refused } from './application.ts'
import type { ResumeStatement, SignedStatement, SuspendStatement } from './statement.ts'
import {
  MAX_TARGETS,
  SUSPENSION,
  type TargetState,
  lifts,
  newestOf,
  parseSuspension,
  suspensionWrite,
} from './suspension.ts'
import { isAmong } from './trusted.ts'

/** Stops a target, or lets it go on. */
export function applySuspension(signed: SignedStatement<SuspendStatement | ResumeStatement>, to: To): Application {
  const { statement } = signed
  const entries = parseSuspension(to.place.get(SUSPENSION))
  const target = applied(signed, to)
  const fault = statement.kind === 'suspend' ? suspendFault(statement, entries) : resumeFault(target, entries)
  if (fault !== undefined) return refused(fault)
  if (statement.kind === 'suspend') return suspend(entries, target)
  return done([suspensionWrite(entries, target)], { target })
}

function suspendFault({ actor, id }: SuspendStatement, entries: readonly TargetState[]): string | undefined {
  if (newestOf(entries, actor)?.statement.kind === 'suspend') return 'it is suspended already'
  const isOld = entries.some(({ statement }) => statement.kind === 'resume' && statement.suspension === id)
  return isOld ? 'it was applied and lifted already' : undefined
}

function resumeFault(resume: TargetState, entries: readonly TargetState[]): string | undefined {
  const { actor } = resume.statement
  const current = newestOf(entries, actor)?.statement
  const isStanding = current?.kind === 'suspend' && lifts(resume, new Map([[actor, current.id]]))
  if (!isStanding) return 'no such suspension stands'
  const isOwn = actor !== null && isAmong(resume, resume.by, [actor])
  return isOwn ? 'nobody lifts their own suspension' : undefined
}

// A lifted one may be forgotten for a new one, never the other way round.
function suspend(entries: readonly TargetState[], target: TargetState): Application {
  const kept = entries.length < MAX_TARGETS ? entries : dropOneResume(entries)
  if (kept === undefined) return refused(`${String(MAX_TARGETS)} actors are suspended already; suspend all instead`)
  return done([suspensionWrite(kept, target)], { target })
}

function dropOneResume(entries: readonly TargetState[]): readonly TargetState[] | undefined {
  const oldest = entries.find(({ statement }) => statement.kind === 'resume')
  return oldest === undefined ? undefined : entries.filter((entry) => entry !== oldest)
}
