/** Holds what a server says of its tools against what it said before. */
export interface ToolPins {
  /** Takes definitions that the server lists; gives those that the client may see. */
  readonly listed: (tools: readonly unknown[]) => readonly unknown[]
  /** Why no call of the tool may run now; undefined where nothing speaks against it. */
  readonly objection: (tool: string) => string | undefined
}
