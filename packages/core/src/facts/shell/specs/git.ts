import type { OptionSpec, ProgramSpec } from '../program-spec.ts'
import { GIT_DISCARDS } from './git-discard.ts'
import { GIT_PLAIN, GIT_READS } from './git-read.ts'
import { GIT_REMOTES } from './git-remote.ts'
import { GIT_WRITES } from './git-write.ts'
import { options } from './options.ts'

const GLOBAL: readonly OptionSpec[] = [
  ...options('-c=', { role: 'git-config' }),
  ...options('--config-env=', { effects: ['code.inline'] }),
  ...options('-C=', { folder: true }),
  ...options('--exec-path[=]', { effects: ['code.inline'] }),
  ...options('-p,--paginate', { effects: ['exec.unknown'] }),
  // Another repository brings its own configuration, which may name programs.
  ...options('--git-dir= --work-tree=', { effects: ['code.local'] }),
  ...options(
    '--namespace= --super-prefix= --attr-source= --list-cmds= -v,--version -h,--help --html-path --man-path --info-path -P,--no-pager --no-replace-objects --bare --no-lazy-fetch --no-optional-locks --no-advice --literal-pathspecs --glob-pathspecs --noglob-pathspecs --icase-pathspecs',
  ),
]

/** `git`: a sub-command that is not listed may be an alias, and run anything. */
export const git: ProgramSpec = {
  names: ['git'],
  grammar: 'posix',
  exactLong: true,
  looksAround: true,
  options: GLOBAL,
  subcommands: { ...GIT_READS, ...GIT_WRITES, ...GIT_DISCARDS, ...GIT_REMOTES },
  plainSubcommands: GIT_PLAIN,
  examples: [
    { line: 'git status --short', effects: ['exec'] },
    { line: 'git log --oneline -n 5 -- src', effects: ['exec'] },
    { line: 'git --no-pager diff --stat HEAD~1', effects: ['exec'] },
    { line: 'git diff --output=/tmp/x', effects: [{ kind: 'fs.write', targets: ['/tmp/x'] }] },
    { line: 'git -c core.pager=./x log', effects: ['code.inline'] },
    { line: 'git -c user.name=A commit -m b', effects: ['exec'] },
    { line: 'git reset --hard HEAD~1', effects: ['vcs.destructive', 'fs.write'], flags: ['hard'] },
    { line: 'git clean -fdx', effects: ['vcs.destructive', 'fs.delete'] },
    { line: 'git clean -ndx', effects: ['exec'] },
    { line: 'git push -f origin main', effects: ['net.connect', 'net.upload', 'vcs.destructive'], flags: ['force'] },
    { line: 'git push origin +main', effects: ['net.connect', 'net.upload', 'vcs.destructive'] },
    { line: 'git push origin main', effects: ['net.connect', 'net.upload'] },
    { line: 'git checkout -b topic', effects: ['fs.write'] },
    { line: 'git checkout -- a', effects: ['vcs.destructive', 'fs.write'] },
    { line: 'git branch -D topic', effects: ['vcs.destructive'] },
    { line: 'git frobnicate', opaque: true },
  ],
}
