import type { Fault, Faults } from '../faults.ts'
import { type Data, isData } from './data.ts'
import type { Shape } from './shape.ts'

/** The faults that a run has met. */
export type FaultLedger = Faults & {
  /** Faults that have no place in the data. */
  readonly loose: Fault[]
  /** Whether any has a place. */
  isEmpty(): boolean
  add(object: object, key: string, fault: Fault): void
  /** Says that `object[key]` is missing because of a fault that has its place elsewhere. */
  excuse(object: object, key: string): void
}

export function createFaultLedger(): FaultLedger {
  let placed: Map<object, Map<string, Fault[]>> | undefined
  return {
    loose: [],
    isEmpty: () => placed === undefined,
    at: (object, key) => placed?.get(object)?.get(key),
    add(object, key, fault) {
      const keys = keysOf(object)
      const known = keys.get(key) ?? []
      if (!known.some((one) => isSame(one, fault))) keys.set(key, [...known, fault])
    },
    excuse(object, key) {
      const keys = keysOf(object)
      if (!keys.has(key)) keys.set(key, [])
    },
  }

  function keysOf(object: object): Map<string, Fault[]> {
    placed ??= new Map()
    const keys = placed.get(object) ?? new Map<string, Fault[]>()
    placed.set(object, keys)
    return keys
  }
}

/** Whether two faults of one field tell the client the same. */
function isSame(one: Fault, other: Fault): boolean {
  return one.message === other.message && String(one.below ?? '') === String(other.below ?? '')
}

/**
 * Puts an error of a subgraph where its path leads to null; where another subgraph had brought an object, everything that it
 * lacks fails. False: the path leads nowhere, or to what is whole.
 */
export function place(
  ledger: FaultLedger,
  target: object,
  { path, fault, shape }: { path: readonly (string | number)[]; fault: Fault; shape: Shape },
): boolean {
  let value: unknown = target
  let inner: Shape | null | undefined = shape
  for (const [index, step] of path.entries()) {
    if (typeof value !== 'object' || value === null) return false
    const key = String(step)
    const next: unknown = (value as Data)[key] // a list's elements are under its indices
    if (next === null || next === undefined) {
      const below = path.slice(index + 1)
      ledger.add(value, key, below.length > 0 ? { ...fault, below } : fault)
      return true
    }
    value = next
    if (typeof step === 'string') inner = inner?.get(step)
  }
  return inner ? failMissing(ledger, value, inner, [fault]) : false
}

/** Faults everything of a shape that an object lacks for no reason that is known; whether it lacks anything. */
export function failMissing(
  ledger: FaultLedger,
  target: unknown,
  shape: Shape,
  faults: readonly Fault[],
): boolean {
  if (Array.isArray(target))
    return target.map((item) => failMissing(ledger, item, shape, faults)).includes(true)
  if (!isData(target)) return false
  let isMissing = false
  for (const [key, inner] of shape) {
    const value = target[key]
    const isUnexplained = value === undefined && !ledger.at(target, key)
    if (isUnexplained) for (const fault of faults) ledger.add(target, key, fault)
    const isBelow = inner !== null && failMissing(ledger, value, inner, faults)
    isMissing ||= value === undefined || isBelow
  }
  return isMissing
}

/** Says of everything at the top of a shape that objects lack that it went with what failed beside it. */
export function excuseMissing(ledger: FaultLedger, targets: readonly Data[], shape: Shape): void {
  for (const target of targets) {
    for (const key of shape.keys()) if (target[key] === undefined) ledger.excuse(target, key)
  }
}

/** Makes null of everything of a shape that an object lacks: it is not there, and that is no fault. */
export function nullMissing(target: unknown, shape: Shape): void {
  if (Array.isArray(target)) for (const item of target) nullMissing(item, shape)
  if (!isData(target)) return
  for (const [key, inner] of shape) {
    if (inner) nullMissing(target[key], inner)
    if (target[key] === undefined && key !== '__typename') target[key] = null
  }
}
