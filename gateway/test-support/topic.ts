/** What was published on it, for those who come later and those who are there. */
export function createTopic<T>() {
  const published: T[] = []
  const readers = new Set<(value: T) => void>()
  return {
    published,
    readers,
    publish(value: T) {
      published.push(value)
      for (const reader of readers) reader(value)
    },
    subscribe(reader: (value: T) => void) {
      readers.add(reader)
      return () => void readers.delete(reader)
    },
  }
}
