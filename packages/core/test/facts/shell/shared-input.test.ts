import { expect, test } from 'vitest'
import { kindsOf } from './reader.ts'

// A text in which another command begins where its first line, or some of it, was read by somebody else.
const TEXT = ": '\nrm x # '"

test.each([
  `{ read X; sh; } <<'E'\n${TEXT}\nE`,
  `{ read X && sh; } <<'E'\n${TEXT}\nE`,
  `(read X; sh) <<'E'\n${TEXT}\nE`,
  `{ { read X; }; sh; } <<< "${TEXT}"`,
  `echo "${TEXT}" | { read X; sh; }`,
  `printf %s "${TEXT}" | if read X; then sh; fi`,
  `while read X; do sh; done <<'E'\n${TEXT}\nE`,
  `for i in 1 2; do sh; done <<'E'\n${TEXT}\nE`,
  `case $(read X) in '') sh ;; esac <<'E'\n${TEXT}\nE`,
  `select i in a; do sh; done <<'E'\n${TEXT}\nE`,
  `eval 'read X; sh' <<'E'\n${TEXT}\nE`,
  `sh -c 'read X; sh' <<'E'\n${TEXT}\nE`,
  `echo "${TEXT}" | sh -s $(read X)`,
  `echo "${TEXT}" | X=$(read X) sh`,
  `echo "${TEXT}" | { sh -s "$(read X)"; }`,
  // A shell that reads its text line by line shares it with what it starts.
  `sh <<'E'\nread X\n${TEXT}\nE`,
  `sh <<'E'\nread -n2 X\n: rm x\nE`,
  `sh <<'E'\nif :; then read X; fi\n${TEXT}\nE`,
  `sh <<'E'\neval 'read X'\n${TEXT}\nE`,
  `sh <<'E'\nsh -c 'read X'\n${TEXT}\nE`,
  `sh <<'E'\nf() { read X; }; f\n${TEXT}\nE`,
  `sh <<'E'\nsh\n${TEXT}\nE`,
  `sh <<'E'\nhead -n1\n${TEXT}\nE`,
  `sh <<'E'\n/usr/bin/head -n1\n${TEXT}\nE`,
  `sh <<'E'\ndd bs=1 count=4\n${TEXT}\nE`,
  `sh <<'E'\nsudo -S ls\n${TEXT}\nE`,
  `sh <<'E'\nselect i in a; do :; done\n${TEXT}\nE`,
  `sh <<'E'\nX=$(read Y)\n${TEXT}\nE`,
  `printf %s "read X\n${TEXT}" | sh`,
])('a-text-that-others-may-have-read-from-is-not-known: %j', (line) => {
  expect(kindsOf(line)).toContain('opaque')
})

test.each([
  "{ sh; } <<'E'\nrm x\nE",
  "(sh) <<'E'\nrm x\nls\nE",
  "echo 'rm x' | (sh)",
  "sh <<'E'\nX=$(head -n1 <y)\nrm x\nE",
  "sh <<'E'\nls | head -n1\nrm x\nE",
  "sh <<'E'\nread X <y\nrm x\nE",
  "sh <<'E'\nls | while read X; do rm x; done\nls\nE",
  "echo 'read X; rm x' | sh",
  "sh -c 'read X; rm x' <<'E'\na\nE",
])('a-text-that-one-shell-reads-alone-is-read: %j', (line) => {
  expect(kindsOf(line)).toContain('fs.delete')
  expect(kindsOf(line)).not.toContain('opaque')
})
