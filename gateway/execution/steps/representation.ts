import type { QueryPlanSelectionNode } from '@apollo/query-planner'
import type { Faults } from '../faults.ts'
import { createRequiredFields, type RequiredField, type RequiredFields } from './required-fields.ts'
import type { IsOfType } from './rewrites.ts'
import { type Data, isData } from './run.ts'

/** Where a representation lacks something, so that the entity cannot be asked for. */
export type Lack = { object: object; key: string }

/** How the entities of one type are represented. */
export type Representing = {
  /**
   * The JSON text by which a subgraph knows an entity, or what lacks for it. Requirements that failed are noted in `failed`, by their
   * keys in the entity, and null in the text.
   */
  write(entity: Data, faults: Faults, failed: Map<string, Lack>): string | Lack
  /** Where a key of one leaf is all that a representation has: equal ones have equal values of it. */
  readonly only: string | undefined
}

type Options = {
  requires: readonly QueryPlanSelectionNode[]
  isOfType: IsOfType
  /** The keys of a type in the subgraph that is asked, each as the fields at its top. */
  keysOf: (typename: string) => readonly (readonly string[])[]
}

/**
 * Represents the entities that a request requires; null for a type that it asks nothing about. A key that is null names nothing; a
 * requirement that is null is sent as it is; where it failed, what is computed from it would be wrong and look right.
 */
export function createRepresentations({
  requires,
  isOfType,
  keysOf,
}: Options): (typename: unknown) => Representing | null {
  const fieldsOf = createRequiredFields(isOfType)
  const known = new Map<unknown, Representing | null>()

  return (typename) => {
    const representing = known.get(typename)
    if (representing !== undefined) return representing
    const made = represent(typename)
    if (known.size < 1_000) known.set(typename, made)
    return made
  }

  function represent(typename: unknown): Representing | null {
    const fields = fieldsOf(typename, requires)
    const names = new Set(Array.from(fields.values(), ({ name }) => name))
    const keys = keysOf(String(typename)).filter((key) => key.every((field) => names.has(field)))
    // Fragments on interfaces may require things of types that are not asked about.
    if (!fields.has('__typename') || keys.length === 0) return null
    const needed = new Set(['__typename', ...keys.flat()])
    const exact = (entity: Data, faults: Faults, failed: Map<string, Lack>) =>
      write(entity, fields, faults, { needed, failed })
    const fast = generateWriter(fields)
    const [only, another] = [...fields.keys()].filter((key) => key !== '__typename')
    return {
      write: fast ? (entity, faults, failed) => fast(entity) ?? exact(entity, faults, failed) : exact,
      only: fast && !another ? only : undefined,
    }
  }

  /** Of an entity, not of an object within, what is `needed` names it, and what is not may fail. */
  function write(
    object: Data,
    fields: RequiredFields,
    faults: Faults,
    entity?: { needed: ReadonlySet<string>; failed: Map<string, Lack> },
  ): string | Lack {
    const texts: string[] = []
    for (const [key, { name, selections }] of fields) {
      const written = writeField(object, key, {
        selections,
        faults,
        isNeeded: entity?.needed.has(name) ?? false,
      })
      const mayFail = entity && !entity.needed.has(name)
      if (typeof written !== 'string') {
        if (!mayFail) return written
        entity.failed.set(key, written)
      }
      texts.push(`${JSON.stringify(key)}:${typeof written === 'string' ? written : null}`)
    }
    return `{${texts.join(',')}}`
  }

  function writeField(
    object: Data,
    key: string,
    {
      selections,
      faults,
      isNeeded,
    }: { selections: RequiredField['selections']; faults: Faults; isNeeded: boolean },
  ): string | Lack {
    // A requirement that was not asked for, since it stands under a condition of the field that has it, is null, too.
    const value = object[key] ?? null
    if (value === null && (isNeeded || faults.at(object, key))) return { object, key }
    return selections ? writeValue(value, selections, faults) : JSON.stringify(value)
  }

  function writeValue(
    value: unknown,
    selections: readonly QueryPlanSelectionNode[],
    faults: Faults,
  ): string | Lack {
    if (Array.isArray(value)) {
      const items: string[] = []
      for (const [index, item] of value.entries()) {
        if (item === null && faults.at(value, String(index))) return { object: value, key: String(index) }
        const written = writeValue(item, selections, faults)
        if (typeof written !== 'string') return written
        items.push(written)
      }
      return `[${items.join(',')}]`
    }
    return isData(value) ? write(value, fieldsOf(value.__typename, selections), faults) : 'null'
  }
}

/**
 * A writer of leaves that gives up, with undefined, at whatever is missing; none where there is more than leaves. One function for
 * one type, so that each of its property reads meets objects of one kind alone.
 */
function generateWriter(fields: RequiredFields): ((entity: Data) => string | undefined) | undefined {
  const leaves = [...fields]
  if (leaves.some(([, { selections }]) => selections)) return undefined
  const reads = leaves.map(
    ([key], index) => `const v${index} = entity[${JSON.stringify(key)}]; if (v${index} == null) return;`,
  )
  const texts = leaves.map(
    ([key], index) =>
      `${JSON.stringify(`${index > 0 ? ',' : '{'}${JSON.stringify(key)}:`)} + JSON.stringify(v${index})`,
  )
  const source = `return function write(entity) { ${reads.join(' ')} return ${texts.join(' + ')} + '}' }`
  // What the line above makes.
  return new Function(source)() as (entity: Data) => string | undefined
}
