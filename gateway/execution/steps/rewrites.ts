import type { FetchDataRewrite } from '@apollo/query-planner'
import { type Data, isData } from './data.ts'
import type { Shape } from './shape.ts'

const onType = '... on '

/** Whether an object of this type name, which may be unknown, is of a type. */
export type IsOfType = (typename: unknown, type: string) => boolean

/** Applies the planner's rewrites to what is sent or came. */
export function applyRewrites(
  rewrites: readonly FetchDataRewrite[],
  value: unknown,
  isOfType: IsOfType,
): void {
  for (const rewrite of rewrites) applyAt(rewrite, 0, value, isOfType)
}

function applyAt(rewrite: FetchDataRewrite, depth: number, value: unknown, isOfType: IsOfType): void {
  if (Array.isArray(value)) {
    for (const item of value) applyAt(rewrite, depth, item, isOfType)
    return
  }
  const step = rewrite.path[depth]
  if (!isData(value) || step === undefined) return
  if (step.startsWith(onType)) {
    const { __typename: typename } = value
    if (typename === undefined || isOfType(typename, step.slice(onType.length)))
      applyAt(rewrite, depth + 1, value, isOfType)
  } else if (depth < rewrite.path.length - 1) applyAt(rewrite, depth + 1, value[step], isOfType)
  else applyTo(rewrite, value, step)
}

function applyTo(rewrite: FetchDataRewrite, object: Data, key: string): void {
  if (rewrite.kind === 'ValueSetter') {
    object[key] = rewrite.setValueTo
  } else if (object[key] !== undefined) {
    object[rewrite.renameKeyTo] = object[key]
    delete object[key]
  }
}

/** The shape of what comes once its keys are renamed: both names, since a rewrite may be for some types only. */
export function renameInShape(shape: Shape, rewrites: readonly FetchDataRewrite[]): void {
  for (const rewrite of rewrites) {
    if (rewrite.kind !== 'KeyRenamer') continue
    const keys = rewrite.path.filter((step) => !step.startsWith(onType))
    const last = keys.pop()
    let parent: Shape | null | undefined = shape
    for (const key of keys) parent = parent?.get(key)
    const inner = last === undefined ? undefined : parent?.get(last)
    if (parent && inner !== undefined && !parent.has(rewrite.renameKeyTo))
      parent.set(rewrite.renameKeyTo, inner)
  }
}
