/** What is known of a file or folder; links are followed. `mode` holds the nine permission bits. */
export interface FileFacts {
  readonly kind: 'file' | 'folder' | 'other'
  /** Device and inode: which file it is, whatever it is called. */
  readonly fileId: string
  readonly mode: number
  readonly ownerId: number
  readonly sizeBytes: number
  readonly changedAt: number
}

/** Small files: policies, keys, trust, heads. Each failure is `IO` with the path and what the system said. */
export interface Files {
  /** The text of a file, or undefined where there is none; larger than `maxBytes` is `IO`. Not UTF-8 is `IO`. */
  read(path: string, maxBytes: number): string | undefined
  facts(path: string): FileFacts | undefined
  /** Makes a file that must not be there yet; false where it is. It appears with its whole text, and outlives a power cut. */
  create(path: string, text: string, mode: number): boolean
  /** As `create`, for a lock: cheap, for this user alone, not durable, and others may see it empty at first. */
  claim(path: string, text: string): boolean
  /** Puts a whole new text in place of a file's, atomically; not fsynced. */
  replace(path: string, text: string, mode: number): void
  /** Adds to the end of a file, made where it is missing; on the disk when it returns. */
  append(path: string, text: string, mode: number): void
  /** The last `maxBytes` of a file at most, from the beginning of a line on; undefined where there is none. */
  end(path: string, maxBytes: number): string | undefined
  remove(path: string): void
  /** Makes a folder and those above it that are missing; one that is there stays as it is. */
  folder(path: string, mode: number): void
  restrict(path: string, mode: number): void
  realPath(path: string): string
  readonly links: Links
}

/** The links of a file system. Whatever goes wrong but "nothing there" (no permission, a loop) throws. */
export interface Links {
  /** The real path of a file or folder, every link on the way resolved as the system does; undefined where nothing is. */
  readonly realPath: (path: string) => string | undefined
  /** True where a link stands at the path itself, whether or not it leads anywhere. */
  readonly isLink: (path: string) => boolean
}
