/** The response to one request, made of what comes for it. */
export interface HttpReply {
  readonly response: Promise<Response>
  /** The server's response has begun: its status and headers count, and whether it is a stream. */
  readonly begin: (from: Response, isStream: boolean) => void
  /** One message for the client. */
  readonly send: (message: unknown, id: string | undefined) => void
  /** Hands the server's response on as it is. */
  readonly pass: (from: Response) => void
  /** Serving it failed: that is for the host. */
  readonly fail: (cause: unknown) => void
  /** Nothing more comes. */
  readonly end: () => void
}

/** A reply that has not begun. `onLeave` is called where the client goes away from a stream. */
export function httpReply(onLeave: () => void): HttpReply {
  const { promise, resolve, reject } = Promise.withResolvers<Response>()
  let head: ResponseInit = { status: 200 }
  let stream: ReadableStreamDefaultController<Uint8Array> | undefined
  const encoder = new TextEncoder()
  return {
    response: promise,
    begin: ({ status, statusText, headers }, isStream) => {
      const kept = new Headers(headers)
      for (const name of ['content-length', 'content-encoding', 'content-type']) kept.delete(name)
      head = { status, statusText, headers: kept }
      if (!isStream) return
      kept.set('content-type', 'text/event-stream')
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => {
          stream = controller
        },
        cancel: () => {
          stream = undefined
          onLeave()
        },
      })
      resolve(new Response(body, head))
    },
    send: (message, id) => {
      if (stream === undefined) resolve(Response.json(message, head))
      else stream.enqueue(encoder.encode(eventText(message, id)))
    },
    pass: resolve,
    fail: (cause) => {
      reject(cause)
      stream?.error(cause)
      stream = undefined
    },
    end: () => {
      stream?.close()
      stream = undefined
      resolve(new Response(null, { status: 202 })) // where nothing came: accepted, and not answered
    },
  }
}

function eventText(message: unknown, id: string | undefined): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: message\ndata: ${JSON.stringify(message)}\n\n`
}
