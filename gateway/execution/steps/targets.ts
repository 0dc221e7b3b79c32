import type { Fault } from '../faults.ts'
import { nonsense } from './answer.ts'
import type { Data } from './data.ts'
import { failMissing, place } from './fault-ledger.ts'
import { copy, type IsConcrete, type Merging, merge } from './merge.ts'
import type { Run } from './run.ts'
import type { Shape } from './shape.ts'

/** Merges what was answered into every place that asked for it. */
export function mergeAll(
  run: Run,
  targets: Data[],
  data: Data,
  { shape, isConcrete }: { shape: Shape; isConcrete: IsConcrete },
): void {
  const merging: Merging = {
    isConcrete,
    onOddity: (present, inner) => void failMissing(run.ledger, present, inner, [nonsense]),
  }
  // The copies come first: the answer itself becomes part of the data, and may then differ.
  for (const target of targets.slice(1)) merge(target, copy(data), shape, merging)
  if (targets[0]) merge(targets[0], data, shape, merging)
}

/** Puts an error wherever its path leads to null; false: nowhere. */
export function placeAll(
  run: Run,
  targets: Data[],
  error: { path: readonly (string | number)[]; fault: Fault; shape: Shape },
): boolean {
  return targets.map((target) => place(run.ledger, target, error)).includes(true)
}

/** Faults everything that is missing from any of them; whether anything is. */
export function failAll(run: Run, targets: Data[], shape: Shape, faults: readonly Fault[]): boolean {
  return failMissing(run.ledger, targets, shape, faults)
}
