import type { Faults } from '../faults.ts'
import type { Data } from './data.ts'
import type { Lack, Representing } from './representation.ts'

/** Entities by what represents them: the n-th text stands for all of the n-th group. */
export type Distinct = { texts: string[]; groups: Data[][] }

/** Who is told of entities that lack something. */
export type Lacking = {
  /** One cannot be represented. */
  onLack(entity: Data, lack: Lack): void
  /** Requirements of one failed, by their keys; whether it is asked for all the same. */
  onFailed(entity: Data, failed: ReadonlyMap<string, Lack>): boolean
}

/** Represents each distinct entity once. */
export function createDistinct(representing: (typename: unknown) => Representing | null) {
  return (entities: readonly Data[], faults: Faults, { onLack, onFailed }: Lacking): Distinct => {
    const distinct: Distinct = { texts: [], groups: [] }
    const byValue = new Map<Representing, Map<unknown, Data[]>>()
    const byText = new Map<string, Data[]>()
    let lastType: unknown
    let how: Representing | null = null
    let values: Map<unknown, Data[]> | undefined

    for (const entity of entities) {
      if (how === null || entity.__typename !== lastType) {
        lastType = entity.__typename
        how = representing(lastType)
        values = how?.only === undefined ? undefined : valuesOf(how)
      }
      if (how === null) continue
      const value = how.only === undefined ? undefined : entity[how.only]
      const known = typeof value === 'string' || typeof value === 'number' ? values?.get(value) : undefined
      if (known) known.push(entity)
      else add(entity, how, value)
    }
    return distinct

    function add(entity: Data, how: Representing, value: unknown): void {
      const failed = new Map<string, Lack>()
      const text = how.write(entity, faults, failed)
      if (typeof text !== 'string') onLack(entity, text)
      else if (failed.size === 0 || onFailed(entity, failed)) put(entity, text, value)
    }

    function put(entity: Data, text: string, value: unknown): void {
      const known = byText.get(text)
      if (known) {
        known.push(entity)
        return
      }
      const group = [entity]
      byText.set(text, group)
      if (value !== undefined) values?.set(value, group)
      distinct.texts.push(text)
      distinct.groups.push(group)
    }

    function valuesOf(how: Representing): Map<unknown, Data[]> {
      const known = byValue.get(how) ?? new Map<unknown, Data[]>()
      byValue.set(how, known)
      return known
    }
  }
}
