import { type Data, isData } from './data.ts'
import type { Shape } from './shape.ts'

/** Whether a name is that of an object type. */
export type IsConcrete = (typename: unknown) => boolean

export type Merging = {
  isConcrete: IsConcrete
  /** Told of what another subgraph had brought, where the answer has something of another kind. */
  onOddity(present: unknown, shape: Shape): void
}

/**
 * Merges an answered object into one of the data. An object that is there already is added to, and a concrete type is
 * not replaced by the interface that another subgraph knows it as.
 */
export function merge(target: Data, source: Data, shape: Shape, merging: Merging): void {
  for (const [key, inner] of shape) {
    const value = source[key]
    if (value === undefined) continue
    const present = target[key]
    if (present === undefined || present === null) target[key] = value
    else if (inner) mergeValue(present, value, inner, merging)
    else if (key !== '__typename' || merging.isConcrete(value)) target[key] = value
  }
}

function mergeValue(target: unknown, source: unknown, shape: Shape, merging: Merging): void {
  if (source === null) return
  if (Array.isArray(target) && Array.isArray(source)) {
    for (const [index, item] of target.entries()) {
      if (item === null) target[index] = source[index]
      else mergeValue(item, source[index], shape, merging)
    }
  } else if (isData(target) && isData(source)) merge(target, source, shape, merging)
  else merging.onOddity(target, shape)
}

/** A copy of JSON: what lands in several places may differ later on. */
export function copy<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(copy) as T
  const object: Data = {}
  for (const key of Object.keys(value)) object[key] = copy((value as Data)[key])
  return object as T
}
