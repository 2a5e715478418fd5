import { asciiLower } from '../../action/capability.ts'
import { type CapabilityPattern, covers, segmentMatches } from '../../action/pattern.ts'
import { toolSegment } from '../tool-segment.ts'
import { globsMeet } from './globs-meet.ts'

/** As long as the readable part of a folded name. */
const MAX_FOLDED = 64

/** Whether a wide pattern can cover what the tools of one key ask for where no key names them; in doubt, it can. */
export type CanCoverDefault = (pattern: CapabilityPattern) => boolean

/** The default capabilities of the tools that a key of `tools` matches: `tool.call.<segment>` and `mcp.<server>.<tool>`. */
export function defaultCapabilities(key: string): CanCoverDefault {
  return key.includes('*') ? ofGlob(key) : ofName(key)
}

function ofName(name: string): CanCoverDefault {
  const own = `tool.call.${toolSegment(name)}`
  const isMcp = /^mcp\.[^.]+\.[^.]+$/.test(name)
  return (pattern) => covers(pattern, own, 'wide') || (isMcp && covers(pattern, name, 'wide'))
}

function ofGlob(key: string): CanCoverDefault {
  const prefix = asciiLower(key.slice(0, key.indexOf('*'))).replaceAll(/[^a-z0-9_-]+/g, '_')
  // A name that must be folded becomes a start of this kind and a hash.
  const folded = `${prefix.slice(0, MAX_FOLDED)}*-h*`
  const ofCall = (scope: string): boolean => globsMeet(scope, key) || globsMeet(scope, folded)
  const ofMcp = globsMeet(key, 'mcp.*.*')
    ? (rest: string): boolean => globsMeet(`mcp.${rest}`, key)
    : (): boolean => false
  return (pattern) => {
    const [resource = '', action = '', scope = '', deeper] = pattern.split('.')
    if (deeper !== undefined) return false
    if (segmentMatches(resource, 'tool') && segmentMatches(action, 'call') && ofCall(scope)) return true
    return segmentMatches(resource, 'mcp') && ofMcp(`${action}.${scope}`)
  }
}
