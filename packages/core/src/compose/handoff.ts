/** Hands pieces from one that makes them to one that takes them, one at a time. */
export interface Handoff<Piece> {
  /** Waits until the piece is taken; false where nobody takes any more. */
  give(piece: Piece): Promise<boolean>
  readonly end: () => void
  readonly fail: (cause: unknown) => void
  /** Nobody takes any more. */
  readonly stop: () => void
  taken(): AsyncGenerator<Piece, void, undefined>
}

type Offer<Piece> = { readonly piece: Piece; readonly answer: (isTaken: boolean) => void }

/** An empty handoff. */
export function handoff<Piece>(): Handoff<Piece> {
  let offer: Offer<Piece> | undefined
  let ended: { readonly cause?: unknown; readonly isFailed: boolean } | undefined
  let isStopped = false
  let wake: () => void = () => undefined

  function finish(how: NonNullable<typeof ended>): void {
    ended ??= how
    wake()
  }

  return {
    give: (piece) =>
      new Promise((resolve) => {
        if (isStopped) {
          resolve(false)
          return
        }
        offer = { piece, answer: resolve }
        wake()
      }),
    end: () => finish({ isFailed: false }),
    fail: (cause) => finish({ isFailed: true, cause }),
    stop: () => {
      isStopped = true
      offer?.answer(false)
      offer = undefined
    },
    taken: async function* () {
      for (;;) {
        if (offer !== undefined) {
          const { piece, answer } = offer
          offer = undefined
          let isTaken = false
          try {
            yield piece
            isTaken = true
          } finally {
            answer(isTaken) // not, where the reader left while it held this piece
          }
        } else if (ended !== undefined) {
          if (ended.isFailed) throw ended.cause
          return
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
      }
    },
  }
}
