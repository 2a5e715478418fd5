import type { Condition } from '../model.ts'
import { many } from './many.ts'
import type { OneOrMany, RawConditions } from './raw-policy.ts'

/** Conditions on what arguments mean, that passed their schema. */
export function meaningConditions(raw: RawConditions): readonly Condition[] {
  return [
    ...(raw.contains === undefined ? [] : [{ kind: 'contains', texts: many(raw.contains) } as const]),
    ...(raw.contains_literal === undefined
      ? []
      : [{ kind: 'contains_literal', texts: many(raw.contains_literal) } as const]),
    ...(raw.path === undefined ? [] : [{ kind: 'path', ...lists(raw.path) } as const]),
    ...(raw.path_prefix === undefined ? [] : [{ kind: 'path', under: many(raw.path_prefix) } as const]),
    ...(raw.url === undefined ? [] : [urlCondition(raw.url)]),
    ...(raw.shell === undefined ? [] : [{ kind: 'shell', ...lists(raw.shell) } as const]),
    ...(raw.sql === undefined ? [] : [{ kind: 'sql', ...lists(raw.sql) } as const]),
  ]
}

// Schemes and hosts of a URL are folded, so one that is not would never match.
function urlCondition(raw: NonNullable<RawConditions['url']>): Condition {
  const { schemes, hosts, ...rest } = lists(raw)
  return {
    kind: 'url',
    ...(schemes === undefined ? {} : { schemes: schemes.map((scheme) => scheme.toLowerCase()) }),
    ...(hosts === undefined ? {} : { hosts: hosts.map((host) => host.toLowerCase()) }),
    ...rest,
  }
}

type Lists<Fields> = {
  readonly [Key in keyof Fields]?: Exclude<Fields[Key], undefined> extends OneOrMany<infer Item>
    ? readonly Item[]
    : never
}

// A key that is absent and one that holds undefined are two things to canonical JSON.
function lists<Fields extends object>(raw: Fields): Lists<Fields> {
  const present = Object.entries(raw).filter(([, value]) => value !== undefined)
  const each = present.map(([key, value]) => [key, many(value as OneOrMany<unknown>)]) // each key is one or many
  return Object.fromEntries(each) as Lists<Fields> // the same keys, their values as lists
}
