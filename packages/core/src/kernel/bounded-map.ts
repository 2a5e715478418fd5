/** A map that holds at most `limit` entries and forgets those that were set longest ago. */
export function boundedMap<Key, Value>(limit: number): Pick<Map<Key, Value>, 'get' | 'set' | 'delete'> {
  const values = new Map<Key, Value>()
  return {
    get: (key) => values.get(key),
    set: (key, value) => {
      values.delete(key)
      values.set(key, value)
      const [oldest] = values.keys()
      if (values.size > limit && oldest !== undefined) values.delete(oldest)
      return values
    },
    delete: (key) => values.delete(key),
  }
}
