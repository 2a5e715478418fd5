import type { Risk } from '@capfence/core'

/** Which server, as the command line says it. */
export interface ServerFlags {
  readonly command: readonly string[]
  readonly server?: string
  readonly upstream?: string
  readonly env?: readonly string[]
  readonly cwd?: string
  readonly upstreamTokenFile?: string
  readonly upstreamTokenEnv?: string
  readonly upstreamHeaderEnv?: readonly string[]
}

/** Who may connect, as the command line says it. */
export interface ListenFlags {
  readonly listen?: string
  readonly tokenFile?: string
  readonly tokenEnv?: string
  readonly forwardAuthorization?: true
  readonly allowHost?: readonly string[]
  readonly allowOrigin?: readonly string[]
  readonly maxSessions?: number
  readonly maxMessageBytes?: number
}

/** All that `capfence mcp` takes. */
export interface McpFlags extends ServerFlags, ListenFlags {
  readonly policy?: string
  readonly actor: string
  readonly environment: string
  readonly risk?: Risk
  readonly session?: string
  readonly tenant?: string
  readonly userRole?: string
  readonly judge?: readonly string[]
  readonly hideDenied?: true
  readonly pins?: string
  readonly db?: string
}
