import type { Links } from '../../kernel/files.ts'

/** What a path names. */
export type PathFacts =
  | {
      readonly kind: 'path'
      /** Absolute and normalised, as POSIX does, with every link of what exists resolved where the machine was asked. */
      readonly path: string
      /** True where links were resolved; false where only the text was read. */
      readonly isResolved: boolean
    }
  | {
      readonly kind: 'opaque'
      /** Holds nothing of the text. */
      readonly why: string
    }

/** How a tool reads its paths. */
export interface PathReading {
  /** The folder that relative paths start from; without one they cannot be read. */
  readonly root: string | undefined
  /** True where the tool decodes percent-escapes. */
  readonly decodes: boolean
  /** The machine that holds the files; undefined for one that cannot be asked, where the text alone is read. */
  readonly links: Links | undefined
}
