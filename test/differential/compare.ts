import type { ExecutionResult } from 'graphql'

export type Path = readonly (string | number)[]

/** What the gateway answered. */
export type Answer = {
  /** The JSON text of `data`; undefined when nothing ran. */
  data: string | undefined
  errors: readonly { message: string; path?: Path; extensions?: Record<string, unknown> }[]
}

/**
 * How an answer differs from the oracle's; undefined when it does not. Which of several errors told why a null went up
 * is open, as the specification has it, as long as it is one of `possible`; undefined: that is not asked.
 */
export async function differenceOf(
  want: ExecutionResult,
  got: Answer,
  possible: (() => Promise<Set<string>>) | undefined,
): Promise<string | undefined> {
  const text = want.data === undefined ? undefined : JSON.stringify(want.data)
  if (text !== got.data) return `data\n  wanted ${text}\n  got    ${got.data}`
  if (text === undefined) return got.errors.length > 0 ? undefined : 'nothing ran, and no error says why'
  const wanted = byPlace(want.data, want.errors ?? [])
  const told = byPlace(want.data, got.errors)
  for (const place of wanted.keys()) {
    if (!told.has(place)) return `no error says why this is null: ${place}`
  }
  for (const [place, paths] of told) {
    const known = wanted.get(place)
    if (!known) return `an error where there is none: ${place}\n${describe(got)}`
    const others = possible ? [...paths].filter((path) => !known.has(path)) : []
    if (others.length === 0) continue
    const all = await possible?.()
    const impossible = others.filter((path) => !all?.has(path))
    if (impossible.length > 0) return `an error at a place where nothing failed: ${impossible.join(' ')}`
  }
  return undefined
}

/** The paths of errors by where the null is that came of them. */
function byPlace(data: unknown, errors: readonly { path?: Path }[]): Map<string, Set<string>> {
  const places = new Map<string, Set<string>>()
  for (const { path = [] } of errors) {
    const place = placeOf(data, path).join('.')
    places.set(place, (places.get(place) ?? new Set()).add(path.join('.')))
  }
  return places
}

/** Where the null is that came of an error at a path. */
function placeOf(data: unknown, path: Path): Path {
  let value = data
  for (const [at, key] of path.entries()) {
    if (value === null || value === undefined) return path.slice(0, at)
    value = (value as Record<string | number, unknown>)[key]
  }
  return path
}

const describe = ({ errors }: Answer) =>
  errors.map(({ message, path = [] }) => `${path.join('.')}: ${message}`).join('; ')
