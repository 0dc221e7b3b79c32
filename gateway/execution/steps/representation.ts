import type { QueryPlanSelectionNode } from '@apollo/query-planner'
import type { Fault, Faults } from '../faults.ts'
import { nonsense } from './answer.ts'
import { type Data, isData } from './data.ts'
import { createRequiredFields, type RequiredField, type RequiredFields } from './required-fields.ts'
import type { IsOfType } from './rewrites.ts'

/** Why a representation lacks something; without reasons when what is missing is null, and that is no fault. */
export type Lack = { reasons: readonly Fault[] }

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
  isListField: IsListField
}

/** Whether a field of a type is a list; undefined for one that is not known. */
export type IsListField = (typename: unknown, field: string) => boolean | undefined

/**
 * Represents the entities that a request requires; null for a type that it asks nothing about. A key that is null names nothing; a
 * requirement that is null is sent as it is; where it failed, what is computed from it would be wrong and look right.
 */
export function createRepresentations({
  requires,
  isOfType,
  keysOf,
  isListField,
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
    around: readonly Fault[] = [],
  ): string | Lack {
    const texts: string[] = []
    for (const [key, { name, selections }] of fields) {
      const isNeeded = entity?.needed.has(name) ?? false
      const isOdd = selections !== undefined && !isKind(object[key], isListField(object.__typename, name))
      const written = isOdd
        ? { reasons: faults.at(object, key) ?? [nonsense] }
        : isNeeded
          ? writeNeeded(object, key, selections, faults)
          : writeField(object, key, { selections, faults, around })
      if (typeof written !== 'string') {
        if (!entity || isNeeded) return written
        entity.failed.set(key, written)
      }
      texts.push(`${JSON.stringify(key)}:${typeof written === 'string' ? written : null}`)
    }
    return `{${texts.join(',')}}`
  }

  function writeNeeded(object: Data, key: string, selections: Selections, faults: Faults): string | Lack {
    const value = object[key]
    if (value === undefined) return { reasons: faults.at(object, key) ?? [nonsense] }
    if (value === null) return { reasons: faults.at(object, key) ?? [] }
    return selections ? writeValue(value, selections, faults) : JSON.stringify(value)
  }

  /** What a failed subgraph was to add to an object that another one gave failed with what is `around` it. */
  function writeField(
    object: Data,
    key: string,
    { selections, faults, around }: { selections: Selections; faults: Faults; around: readonly Fault[] },
  ): string | Lack {
    const value = object[key]
    const reasons = faults.at(object, key) ?? []
    // A requirement that was not asked for, since it stands under a condition of the field that has it, is null, too.
    if (value === undefined || value === null) {
      const why = reasons.length > 0 || value === null ? reasons : around
      return why.length > 0 ? { reasons: why } : 'null'
    }
    return selections ? writeValue(value, selections, faults, reasons) : JSON.stringify(value)
  }

  function writeValue(
    value: unknown,
    selections: NonNullable<Selections>,
    faults: Faults,
    around: readonly Fault[] = [],
  ): string | Lack {
    if (isData(value)) return write(value, fieldsOf(value.__typename, selections), faults, undefined, around)
    if (!Array.isArray(value)) return { reasons: [nonsense] }
    const items: string[] = []
    for (const [index, item] of value.entries()) {
      const reasons = faults.at(value, String(index))
      if (item === null && reasons) return { reasons }
      const written = item === null ? 'null' : writeValue(item, selections, faults, around)
      if (typeof written !== 'string') return written
      items.push(written)
    }
    return `[${items.join(',')}]`
  }
}

type Selections = RequiredField['selections']

/** Whether a value, if there is one, is a list where one is expected, and none where not. */
function isKind(value: unknown, isList: boolean | undefined): boolean {
  return value === undefined || value === null || isList === undefined || Array.isArray(value) === isList
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
