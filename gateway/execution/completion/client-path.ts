import type { Content, Shape } from './selection.ts'

/** A path of data keys below a place as the client's path, as far as its selection goes: the rest it never asked for. */
export function clientPath(content: Content, below: readonly (string | number)[]): (string | number)[] {
  const path: (string | number)[] = []
  let at: Content | undefined = content
  for (const key of below) {
    if (typeof key === 'number') {
      at = at?.kind === 'list' ? at.item.content : undefined
      path.push(key)
      continue
    }
    // Of several types, since null has none: the first that has the field.
    const shapes: Shape[] = at?.kind === 'object' ? at.selection.shapes() : []
    const field = shapes
      .flatMap(({ fields }) => fields)
      .find((field) => field.kind === 'data' && field.dataKey === key)
    if (field?.kind !== 'data') break
    at = field.place.content
    path.push(field.responseKey)
  }
  return path
}
