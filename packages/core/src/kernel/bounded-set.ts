/** A set that holds at most `limit` values and forgets the oldest first. */
export function boundedSet<Value>(limit: number): Pick<Set<Value>, 'has' | 'add' | 'delete'> {
  const values = new Set<Value>()
  return {
    has: (value) => values.has(value),
    add: (value) => {
      values.add(value)
      const [oldest] = values
      if (values.size > limit && oldest !== undefined) values.delete(oldest)
      return values
    },
    delete: (value) => values.delete(value),
  }
}
