import {
  type GraphQLCompositeType,
  type GraphQLOutputType,
  getNamedType,
  isLeafType,
  isObjectType,
} from 'graphql'

/** A field that was selected, as far as it must fit others under the same key of the response. */
export type Entry = {
  parent: GraphQLCompositeType
  field: string
  /** Its arguments, printed. */
  args: string
  type: GraphQLOutputType
  below: Scope
}

/** What was selected for one object of the response, by key. */
export type Scope = Map<string, Entry[]>

/** Whether a field may stand under a key beside what is there (Field Selection Merging, a little stricter). */
export function fits(scope: Scope, key: string, entry: Entry): boolean {
  return (scope.get(key) ?? []).every(
    (other) =>
      (areExclusive(other, entry) && isLeaf(other) && String(other.type) === String(entry.type)) ||
      (coincide(other, entry) && fitsWhole(other.below, entry.below)),
  )
}

export function fitsWhole(scope: Scope, others: Scope): boolean {
  return [...others].every(([key, entries]) => entries.every((entry) => fits(scope, key, entry)))
}

export function add(scope: Scope, key: string, entry: Entry): void {
  scope.set(key, [...(scope.get(key) ?? []), entry])
}

export function addWhole(scope: Scope, others: Scope): void {
  for (const [key, entries] of others) for (const entry of entries) add(scope, key, entry)
}

/** The scopes that stand below a key already. */
export const belowOf = (scope: Scope, key: string): Scope[] =>
  (scope.get(key) ?? []).map(({ below }) => below)

const isLeaf = ({ type }: Entry) => isLeafType(getNamedType(type))

const coincide = (a: Entry, b: Entry) =>
  a.field === b.field && a.args === b.args && String(a.type) === String(b.type)

const areExclusive = (a: Entry, b: Entry) =>
  a.parent !== b.parent && isObjectType(a.parent) && isObjectType(b.parent)
