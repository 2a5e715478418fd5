/** What kind of place a host is: a closed set. */
export const HOST_CLASSES = [
  'public',
  'private',
  'loopback',
  'link-local',
  'metadata',
  'special',
  'single-label',
] as const

/** One of the classes. */
export type HostClass = (typeof HOST_CLASSES)[number]

/** What a URL names. */
export type UrlFacts =
  | {
      readonly kind: 'url'
      /** The URL as WHATWG serialises it. */
      readonly href: string
      /** Lower case, without the colon. */
      readonly scheme: string
      /** Lower case, without brackets and without a final dot. */
      readonly host: string
      readonly hostClass: HostClass
      /** The one written, else the scheme's own; undefined where neither is known. */
      readonly port: number | undefined
    }
  | {
      readonly kind: 'opaque'
      /** Holds nothing of the text. */
      readonly why: string
    }
