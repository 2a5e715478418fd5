import type { GrantScope, Json } from '@capfence/core'
import { jsonLine } from '../visible.ts'
import { isJsonObject } from './json.ts'
import { marked } from './marked.ts'

/** What narrows a grant beside its capability, for people; `-` where nothing does. */
export function scopeText({ session, environment, tenant, args }: GrantScope): string {
  const parts = Object.entries({ session, environment, tenant }).flatMap(([name, value]) =>
    value === null ? [] : [`${name} "${marked(value)}"`],
  )
  const all = [...parts, ...(args === null ? [] : conditions(args))]
  return all.length === 0 ? '-' : all.join(', ')
}

// The form that `grantArgs` made, in words where it is one of paths and tests.
function conditions(args: string): readonly string[] {
  const list = JSON.parse(args) as Json // canonical JSON, as it was signed
  return Array.isArray(list) ? (list as readonly Json[]).map(condition) : [json(list)]
}

function condition(item: Json): string {
  if (!isJsonObject(item)) return json(item)
  const { kind, path, tests, ...others } = item
  const isPlain =
    kind === 'args' && typeof path === 'string' && Array.isArray(tests) && Object.keys(others).length === 0
  if (!isPlain) return json(item)
  return (tests as readonly Json[]).map((test) => `args.${marked(path)} ${testText(test)}`).join(', ')
}

function testText(test: Json): string {
  if (!isJsonObject(test) || typeof test['op'] !== 'string') return json(test)
  const { op, ...rest } = test
  const values = Object.keys(rest).join() === 'value' ? rest['value'] : rest
  return `${marked(op)} ${json(values ?? null)}`
}

function json(value: Json): string {
  return jsonLine(value).trimEnd()
}
