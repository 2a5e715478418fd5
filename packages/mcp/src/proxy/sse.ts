import { linesOf } from './lines.ts'

/** One event of a stream of server-sent events. */
export interface ServerEvent {
  readonly id: string | undefined
  readonly data: string
  /** How long to wait before coming back, where the server says so. */
  readonly retryMs: number | undefined
}

/** The events of a stream, or why it cannot be read on: after a text that is too long, nothing of it can be trusted. */
export async function* eventsOf(stream: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<ServerEvent> {
  let fields = noFields()
  for await (const line of linesOf(stream, maxBytes)) {
    if ('problem' in line) throw new Error(line.problem === 'too_long' ? 'an event is too long' : 'it is not UTF-8')
    // A lone carriage return ends a line as well.
    for (const text of line.text.split('\r')) {
      if (text !== '') addField(fields, text)
      else {
        const event = eventOf(fields)
        fields = noFields()
        if (event !== undefined) yield event
      }
    }
    if (fields.sizeBytes > maxBytes) throw new Error('an event is too long')
  }
}

/** An event as it is written: a message, and nothing that could begin another event. */
export function eventText(message: unknown): string {
  return `event: message\ndata: ${JSON.stringify(message)}\n\n`
}

interface Fields {
  id: string | undefined
  data: string[]
  retryMs: number | undefined
  sizeBytes: number
}

function noFields(): Fields {
  return { id: undefined, data: [], retryMs: undefined, sizeBytes: 0 }
}

function addField(fields: Fields, text: string): void {
  const colon = text.indexOf(':')
  const name = colon === -1 ? text : text.slice(0, colon)
  const value = colon === -1 ? '' : text.slice(colon + 1).replace(/^ /, '')
  fields.sizeBytes += text.length
  if (name === 'data') fields.data.push(value)
  else if (name === 'id' && !value.includes('\0')) fields.id = value
  else if (name === 'retry' && /^\d{1,9}$/.test(value)) fields.retryMs = Number(value)
}

function eventOf({ id, data, retryMs }: Fields): ServerEvent | undefined {
  return id === undefined && data.length === 0 && retryMs === undefined
    ? undefined
    : { id, data: data.join('\n'), retryMs }
}
