import { type GraphQLOutputType, getNullableType, isListType, isNonNullType } from 'graphql'
import { errorCodes } from '../../platform/errors.ts'
import { SECRETS } from './breakage.ts'
import type { Answer, Path } from './compare.ts'

/**
 * What is wrong with an answer for which subgraphs were broken, against the one for which they were not; undefined when
 * nothing is: nulls may take the place of what could be null, each told by an error; all else is as it was. `types` has
 * the types of the fields by their paths.
 */
export function damageOf(whole: unknown, got: Answer, types: ReadonlyMap<string, GraphQLOutputType>) {
  for (const { message, extensions } of got.errors) {
    const isMasked = !errorCodes.some((code) => code === extensions?.code)
    if (isMasked) continue
    if (SECRETS.some((secret) => message.includes(secret))) return `a message tells a secret: ${message}`
  }
  if (got.data === undefined) return 'there is no data, though the operation can be run'
  const paths = got.errors.map(({ path }) => path)
  const data: unknown = JSON.parse(got.data)
  // A null at the root is told by an error anywhere.
  if (data === null && whole !== null) return paths.length > 0 ? undefined : 'no error says why data is null'
  return inspect(whole, data, [], undefined)

  function inspect(
    want: unknown,
    have: unknown,
    path: Path,
    type: GraphQLOutputType | undefined,
  ): string | undefined {
    const at = path.join('.')
    if (have === null) {
      if (want === null) return undefined
      if (isNonNullType(type)) return `${at} is null and cannot be`
      return paths.some((error) => error && areRelated(error, path))
        ? undefined
        : `no error says why ${at} is null`
    }
    if (Array.isArray(want)) {
      if (!Array.isArray(have) || want.length !== have.length) return `${at} is another list`
      const item = itemOf(type)
      return first(want.keys(), (index) => inspect(want[index], have[index], [...path, index], item))
    }
    if (typeof want === 'object' && want !== null && isSelected(type)) {
      if (typeof have !== 'object') return `${at} is no object`
      if (Object.keys(want).join() !== Object.keys(have).join()) return `${at} has other fields`
      return first(Object.entries(want), ([key, value]) => {
        const place = [...path, key]
        return inspect(value, (have as Record<string, unknown>)[key], place, types.get(fieldPath(place)))
      })
    }
    return JSON.stringify(want) === JSON.stringify(have)
      ? undefined
      : `${at} is ${JSON.stringify(have)}, not ${JSON.stringify(want)}`
  }
}

/** What the type of a field is known by. */
export const fieldPath = (path: Path): string => path.join('.')

function itemOf(type: GraphQLOutputType | undefined): GraphQLOutputType | undefined {
  const list = type && getNullableType(type)
  return isListType(list) ? list.ofType : undefined
}

const isSelected = (type: GraphQLOutputType | undefined) =>
  type === undefined || !String(type).includes('JSON')

/** Whether one path goes on from the other. */
const areRelated = (a: Path, b: Path) => a.slice(0, b.length).every((key, at) => key === b[at])

function first<T>(from: Iterable<T>, find: (item: T) => string | undefined): string | undefined {
  for (const item of from) {
    const found = find(item)
    if (found !== undefined) return found
  }
  return undefined
}
