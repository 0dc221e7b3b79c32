/** Variables as the client sent them, not checked yet. */
export type Given = Readonly<Record<string, unknown>>

/** A number that may depend on variables: what does not is computed once. */
export type Amount = number | ((given: Given) => number)

export const amountIn = (amount: Amount, given: Given): number =>
  typeof amount === 'number' ? amount : amount(given)

export const sum = (amounts: readonly Amount[]): Amount =>
  combined(amounts, 0, (values) => values.reduce((total, value) => total + value, 0))

export const product = (amounts: readonly Amount[]): Amount =>
  amounts.includes(0)
    ? 0
    : combined(amounts, 1, (values) => values.reduce((total, value) => total * value, 1))

export const largest = (amounts: readonly Amount[]): Amount =>
  combined(amounts, 0, (values) => Math.max(...values))

/** Combines the constant ones at once; `neutral` changes nothing. */
function combined(
  amounts: readonly Amount[],
  neutral: number,
  combine: (values: number[]) => number,
): Amount {
  const constant = combine([neutral, ...amounts.filter((amount) => typeof amount === 'number')])
  const [first, ...more] = amounts.filter((amount) => typeof amount !== 'number')
  if (!first) return constant
  if (more.length === 0) return (given) => combine([constant, first(given)])
  return (given) => combine([constant, first(given), ...more.map((amount) => amount(given))])
}
