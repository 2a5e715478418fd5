/** What a command may do: a closed set. `exec.unknown` and the `code.*` effects stand for nothing but themselves. */
export const SHELL_EFFECTS = [
  'exec',
  'exec.unknown',
  'fs.read',
  'fs.write',
  'fs.delete',
  'fs.perm',
  'fs.wipe',
  'net.connect',
  'net.upload',
  'net.listen',
  'code.inline',
  'code.local',
  'code.remote',
  'proc.signal',
  'sys.power',
  'sys.service',
  'priv.change',
  'persist',
  'vcs.destructive',
  'db.destructive',
  'infra.destructive',
  'env.hook',
] as const

/** One of the effects. */
export type ShellEffectKind = (typeof SHELL_EFFECTS)[number]

/** A stretch of the text that was read, in UTF-16 units: from `start` up to, not with, `end`. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** One thing that a command does. */
export interface ShellEffect {
  readonly kind: ShellEffectKind
  /**
   * What it is done to, as the command would get it: paths, hosts, URLs. A relative path is taken from the folder that the
   * line starts in, whatever `cd` came before; where either of two folders is possible, both stand. `~` and `~/…` are home,
   * a file of that name is `./~`. A glob that matches entries of one folder alone (`a/*.o`) stands as that folder with a
   * final slash; unless it is deleted, undefined stands beside it, since an entry may be a link. Undefined stands for one
   * that nobody can know before it runs (a variable, a substitution, any other glob).
   */
  readonly targets: readonly (string | undefined)[]
  /** Where in the text. */
  readonly span: Span
}

/** One command that the shell, or a program that it starts, would execute; what it came through is peeled off. */
export interface ShellCommand {
  /** The program's name without its folder, as its spec calls it where one knows it; undefined where nobody can know. */
  readonly program: string | undefined
  /** True where a spec knows the program. */
  readonly isKnown: boolean
  /** The words after the program, decoded; undefined stands for a dynamic one. */
  readonly args: readonly (string | undefined)[]
  /** The sub-commands, `['remote', 'add']`; empty where the program has none. */
  readonly subcommands: readonly string[]
  /** The options that are set, under their canonical names: the long one without dashes, else the short one. */
  readonly flags: ReadonlySet<string>
  /** False where an option may be set that was not read (a dynamic word, an option that the spec does not know). */
  readonly hasAllFlags: boolean
  readonly effects: readonly ShellEffect[]
  /** Programs that it came through, outermost first: `['sudo', 'env']`. */
  readonly wrappers: readonly string[]
  /** True where it runs on another machine or in a container (`ssh host …`, `docker exec …`). */
  readonly isElsewhere: boolean
  readonly span: Span
}

/** A part that could not be read, and why. */
export interface Opacity {
  /** Told to people: `the program is a variable`. Holds nothing of the text. */
  readonly why: string
  readonly span: Span
}

/** Output of one command that is fed to another, as indexes into `commands`. */
export interface Flow {
  readonly from: number
  readonly to: number
}

/** What a shell line means. */
export interface ShellFacts {
  readonly commands: readonly ShellCommand[]
  /** Effects that no command has of its own: redirects of a group, assignments to the shell itself. */
  readonly effects: readonly ShellEffect[]
  readonly flows: readonly Flow[]
  /** Empty where all was read. */
  readonly opaque: readonly Opacity[]
  /** Each word of the line that could be decoded, at any depth, without comments; here-doc data is not among them. */
  readonly words: readonly string[]
  /**
   * Spans of which nobody can say what runs in them (programs that no spec knows, inline code, remote commands): there
   * a text counts as it stands.
   */
  readonly unread: readonly Span[]
  /** The line as one program and its words, where it is one simple command that needs no shell; else undefined. */
  readonly argv: readonly string[] | undefined
}
