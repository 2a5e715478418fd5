import { propertyOf } from './copy-with.ts'

/**
 * True for a remote MCP server whose every call OpenAI must ask for, so that `approveMcp` judges it. A filter by tool
 * names or hints of the server's own is not that.
 */
export function isAskedFirst(tool: unknown): boolean {
  return propertyOf(tool, 'type') === 'mcp' && propertyOf(tool, 'require_approval') === 'always'
}
