/** Marks a guarded tool, so that none is guarded twice and a backstop knows it. The same in every CapFence adapter. */
export const GUARDED: unique symbol = Symbol.for('capfence.guarded')

/** Whether a tool is guarded itself: what only inherits from a guarded tool, or copies it, is not. */
export function isGuarded(tool: unknown): boolean {
  if (typeof tool !== 'object' || tool === null) return false
  return Object.getOwnPropertyDescriptor(tool, GUARDED)?.value === true
}
