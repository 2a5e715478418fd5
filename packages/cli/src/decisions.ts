/** The decisions there are. */
export const DECISIONS = ['allow', 'deny', 'require_approval'] as const
