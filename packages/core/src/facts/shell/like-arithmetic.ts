import type { AndOr, PipelineNode, Subshell } from './bash-parser.ts'

/**
 * Whether a subshell begins with another one, without a blank: `((` is arithmetic first, and read again where it is none.
 * A here-document in it is lost on the way.
 */
export function isLikeArithmetic({ body, pos }: Subshell): boolean {
  const first = body.commands[0]?.command
  return first?.pos === pos + 1 && isSubshellFirst(first)
}

function isSubshellFirst(node: PipelineNode | AndOr | undefined): boolean {
  if (node?.type === 'AndOr' || node?.type === 'Pipeline') return isSubshellFirst(node.commands[0])
  return node?.type === 'Redirected' ? isSubshellFirst(node.command) : node?.type === 'Subshell'
}
