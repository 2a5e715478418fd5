import type { ToolBinding } from '../action/tool-binding.ts'
import { DEFAULT_NAMES } from './arguments-of.ts'

/** Operators that look at a text and not at what it means. */
export const TEXT_OPERATORS = ['contains', 'starts_with', 'ends_with', 'glob', 'matches'] as const

/** Arguments that are judged by their meaning for a tool that binds none of their kind. */
export const BOUND_BY_DEFAULT: readonly string[] = [
  ...DEFAULT_NAMES.command,
  'args',
  ...DEFAULT_NAMES.path,
  ...DEFAULT_NAMES.url,
]

/** Names of the arguments that a tool's binding says hold a command, SQL, a path or a URL. */
export function boundNamesOf({ command = [], sql = [], path = [], url = [] }: ToolBinding): readonly string[] {
  return [...command, ...sql, ...path, ...url]
}
