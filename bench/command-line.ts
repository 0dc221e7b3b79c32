/** The names of a list between commas, in the order in which they are known. Throws for a name that is not. */
export function some<T extends string>(option: string, text: string, known: readonly T[]): T[] {
  const named = text.split(',')
  const unknown = named.find((name) => !known.some((one) => one === name))
  if (unknown !== undefined) throw new Error(`--${option}: ${unknown} is none of ${known.join(', ')}`)
  return known.filter((one) => named.includes(one))
}

export function words(text: string): string[] {
  return text.split(' ').filter(Boolean)
}

/** Throws for what is no number above 0. */
export function positive(option: string, text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new Error(`--${option} takes a number above 0`)
  return value
}

/** Two cores, such as 0,1. */
export function twoCores(option: string, text: string): [number, number] {
  const [first, second, ...others] = text.split(',').map(Number)
  if (first === undefined || second === undefined || others.length > 0 || !Number.isInteger(first + second)) {
    throw new Error(`--${option} takes two numbers, such as 0,1`)
  }
  return [first, second]
}
