import { type Json, isJsonObject } from '../kernel/json.ts'

/**
 * What an analyser made of a call's arguments: what was judged, in the form in which it should run. It depends on the
 * tool's binding alone, and the action digest covers it. By argument name; a list where the argument is a list.
 */
export interface Plan {
  /** A command that is one program and its words: to be started as they stand, without a shell. */
  readonly argv?: readonly string[]
  /** Absolute paths, links resolved where the machine could be asked. */
  readonly paths?: Readonly<Record<string, string | readonly string[]>>
  /** URLs as WHATWG serialises them. */
  readonly urls?: Readonly<Record<string, string | readonly string[]>>
}

/**
 * What a call's arguments were found to mean, for records: by kind of fact (`shell`, `sql`, `path`, `url`), words of
 * closed sets in code-unit order, each once. Holds nothing of the arguments themselves.
 */
export type FactWords = Readonly<Record<string, readonly string[]>>

/** A plan as JSON, for digests and records. */
export function planJson({ argv, paths, urls }: Plan): Json {
  return {
    ...(argv === undefined ? {} : { argv }),
    ...(paths === undefined ? {} : { paths }),
    ...(urls === undefined ? {} : { urls }),
  }
}

/** A plan from what a record keeps of it; undefined for what is none. */
export function planOfJson(value: Json): Plan | undefined {
  if (!isJsonObject(value)) return undefined
  const { argv, paths, urls, ...others } = value
  if (Object.keys(others).length > 0) return undefined
  const isPlan =
    (argv === undefined || isTexts(argv)) && [paths, urls].every((each) => each === undefined || isByName(each))
  return isPlan ? value : undefined // each member was looked at
}

function isTexts(value: Json): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === 'string')
}

function isByName(value: Json): boolean {
  return isJsonObject(value) && Object.values(value).every((each) => typeof each === 'string' || isTexts(each))
}
