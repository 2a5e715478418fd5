/**
 * A copy with other values for some of its properties: hidden ones, accessors, symbols and the prototype come along,
 * which a spread would lose. Each changed property stays as visible as it was.
 */
export function copyWith<Target extends object>(target: Target, changes: Readonly<Record<string, unknown>>): Target {
  const own: PropertyDescriptorMap = Object.getOwnPropertyDescriptors(target)
  for (const [key, value] of Object.entries(changes)) {
    own[key] = { value, enumerable: own[key]?.enumerable ?? true, writable: true, configurable: true }
  }
  return Object.create(Object.getPrototypeOf(target) as object | null, own) as Target // the same properties
}

/** A property of something that may be anything. */
export function propertyOf(value: unknown, key: string): unknown {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
    ? Reflect.get(value, key)
    : undefined
}

/** A property where it is a text, else the empty one. */
export function textOf(value: unknown, key: string): string {
  const found = propertyOf(value, key)
  return typeof found === 'string' ? found : ''
}
