import type { Capability } from './capability.ts'

/** The interpreter a bound command is for. One that cannot be parsed makes the command opaque. */
export type Shell = 'bash' | 'sh' | 'zsh' | 'powershell' | 'cmd'

/** How a tool's call becomes an action: its capability, and which arguments hold what. Argument names are top-level. */
export interface ToolBinding {
  readonly capability: Capability
  readonly command?: readonly string[]
  readonly shell?: Shell
  /** The argument that holds the working folder of a command. */
  readonly cwd?: string
  readonly sql?: readonly string[]
  readonly dialect?: string
  readonly path?: readonly string[]
  /** The folder that relative paths start from. */
  readonly root?: string
  /** True where the tool decodes percent-escapes in its paths. */
  readonly decodes?: boolean
  readonly url?: readonly string[]
  /** A path into `args` in the syntax of `args` matchers. */
  readonly amount?: string
}
