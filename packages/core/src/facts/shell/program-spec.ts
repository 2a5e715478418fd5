import type { ShellEffectKind } from './shell-facts.ts'

/**
 * Roles of words that a small reader of their own judges; `TEXT_READERS` (`text-readers.ts`) has one for each. It is
 * called as `TEXT_READERS[role](word)`, with undefined for a word that nobody can know, and answers with the effects,
 * or `opaque`. `sed` and `awk` are scripts, `sql` a statement, `query` a filter of `jq` or `yq`, `query-or-file` one or a file;
 * `object` is a file that is read, or names one with more words (`@file`); `url` connects, or reads where it is a `file:` URL;
 * `data` is sent, or names a file to send (`@file`), `at-file` is plain unless it names one; `copy-from` and `copy-to` are files, or lie on another host
 * (`host:path`); `variable` is the name of one that is set or looked up.
 */
export type TextRole =
  | 'sed'
  | 'awk'
  | 'sql'
  | 'query'
  | 'query-or-file'
  | 'object'
  | 'url'
  | 'data'
  | 'at-file'
  | 'http-method'
  | 'copy-from'
  | 'copy-to'
  | 'variable'
  | 'test-word'
  | 'date-operand'
  | 'page'
  | 'git-config'
  | 'git-refspec'
  | 'git-branch'
  | 'git-path'
  | 'git-discard'
  | 'ssh-option'
  | 'remote-shell'
  | 'volume'

/**
 * What a word of a command is to its program. `read`, `write`, `delete`, `perm`, `wipe`, `connect`, `upload` and `listen`
 * name what the effect of that name is done to; `plain` is data. The others make more commands: `command` is the first
 * word of one whose other words follow, `shell` is a text for `sh -c` (several operands of this role are joined by one
 * blank, as `eval` and `ssh` do), `code` a text for another interpreter, `script` a file of code, `env` an assignment
 * `NAME=value` before a command (a place `env` in `first` takes as many words as hold a `=`, maybe none).
 */
export type WordRole =
  | TextRole
  | 'plain'
  | 'read'
  | 'write'
  | 'delete'
  | 'perm'
  | 'wipe'
  | 'connect'
  | 'upload'
  | 'listen'
  | 'command'
  | 'shell'
  | 'code'
  | 'script'
  | 'env'

/** One option of a program. */
export interface OptionSpec {
  /** All its spellings, with their dashes: `['-r', '-R', '--recursive']`. The first long one, else the first, names the flag. */
  readonly names: readonly string[]
  /**
   * `none` where left out. `required`: the rest of a cluster or what follows `=`, else the next word. `optional`: only
   * attached. `until`: the words up to `;` or `+` (`find -exec`).
   */
  readonly value?: 'none' | 'required' | 'optional' | 'until'
  /** What its value is; `plain` where left out. */
  readonly role?: WordRole
  /** What setting it does. */
  readonly effects?: readonly ShellEffectKind[]
  /** Effects of the program that it takes back: `--dry-run`. */
  readonly cancels?: readonly ShellEffectKind[]
  /**
   * Roles that operands get where it is set (`-d` of `sed -i`: operands are written). Laid key by key over those of the
   * command, in the order of the words.
   */
  readonly operands?: OperandSpec
  /** Roles that the values of other options get where it is set, by canonical flag (`-c` of `tar`: `file` is written). */
  readonly values?: Readonly<Record<string, WordRole>>
  /** True where options end after it and its value: all words that follow are operands (`python -c`). */
  readonly ends?: true
  /** True where its value, standing in later words, is replaced there by something that nobody can know (`xargs -I`). */
  readonly placeholder?: true
  /**
   * True where its value is the folder in which the program, and the command that it starts, take relative names (`-C` of
   * git, tar, make and env): relative targets are then those below it.
   */
  readonly folder?: true
  /** True where its value is taken from the folder that the program is started in, whatever `folder` says (`-f` of tar). */
  readonly fromStart?: true
  /** True where nobody can say what the program does with it. */
  readonly opaque?: true
}

/** What the operands are, by place. `last` comes first, then `first`, then `rest`. */
export interface OperandSpec {
  readonly first?: readonly WordRole[]
  readonly rest?: WordRole
  readonly last?: WordRole
  /** What it takes for an operand of `rest` where it has none: `.` for `ls` and `find`. */
  readonly default?: string
  /** Beyond this many operands the program does something that the spec does not know. */
  readonly max?: number
}

/** One program, or one sub-command, as data. */
export interface CommandSpec {
  readonly options?: readonly OptionSpec[]
  /**
   * How options are written. `gnu` where left out: clusters, `--`, options after operands, unambiguous abbreviations of
   * long ones. `posix`: options end at the first operand. `long-dash`: one dash before whole words, no clusters (`find`,
   * `terraform`). `key-value`: words `key=value`, each key an option named `key=` (`dd`). `bundled`: the first word may
   * be a cluster without its dash (`tar`, `ps`). `none`: all words are operands.
   */
  readonly grammar?: 'gnu' | 'posix' | 'long-dash' | 'key-value' | 'bundled' | 'none'
  /** True where its long options may not be abbreviated. */
  readonly exactLong?: true
  /** A numeric option such as `-10`. */
  readonly numeric?: true
  readonly operands?: OperandSpec
  /**
   * What it does whenever it runs; `exec` where neither this nor a role says anything. One of `fs.*` or `net.*` that no
   * operand or value has a role for is done to something unknown.
   */
  readonly effects?: readonly ShellEffectKind[]
  /** What it does where it has no operand (`crontab`, `bash` reading its input). */
  readonly withoutOperands?: readonly ShellEffectKind[]
  /**
   * What its standard input is to it: a shell's text, another interpreter's code, or names for the command (`xargs`). The
   * first two only where no word has the role `shell`, `code`, `script`, `command`, `sed`, `awk` or `sql`.
   */
  readonly stdin?: 'shell' | 'code' | 'words'
  /** True where it reads the folder that it works in, whatever its words: told where that is not the line's own. */
  readonly looksAround?: true
  /** True where what it starts runs on another machine or in a container. */
  readonly elsewhere?: true
  /**
   * By name. A name with `*` stands for those that it covers (`delete-*`): an exact name comes first, then the earliest
   * that covers. One that is not listed is opaque. Options of this command may stand before the sub-command.
   */
  readonly subcommands?: Readonly<Record<string, CommandSpec>>
  /** Sub-commands that are known and do nothing more than `effects` of this one say. */
  readonly plainSubcommands?: readonly string[]
  /** What an option that is not listed means: `opaque` where left out, or plain, without a value. */
  readonly otherOptions?: 'opaque' | 'plain'
  /** True where nobody can say what it does. */
  readonly opaque?: true
}

/** An example of a spec: a line, and what it must mean. They run as tests. */
export interface SpecExample {
  readonly line: string
  /** All effects of the line, in any order; each with its targets where these are given. */
  readonly effects?: readonly (
    | ShellEffectKind
    | { readonly kind: ShellEffectKind; readonly targets: readonly string[] }
  )[]
  readonly flags?: readonly string[]
  /** True where the line must be opaque; false where left out. */
  readonly opaque?: true
}

/** A program that the analyser knows. */
export interface ProgramSpec extends CommandSpec {
  /** The names it is started under: `['rm']`, `['python', 'python3']`. A final `*` stands for a version: `python3.*`. */
  readonly names: readonly [string, ...string[]]
  readonly examples: readonly [SpecExample, ...SpecExample[]]
}
