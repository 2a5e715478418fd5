export { guardedLookup } from './guarded-lookup.ts'
export { readUrl } from './read-url.ts'
export { HOST_CLASSES } from './url-facts.ts'
export type { HostClass, UrlFacts } from './url-facts.ts'
