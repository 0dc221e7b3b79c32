import type { Content, Shape } from './selection.ts'

/** A path of data keys below a place as the client's path, as far as its selection goes; the rest stays as it is. */
export function clientPath(content: Content, below: readonly (string | number)[]): (string | number)[] {
  let at: Content | undefined = content
  return below.map((key) => {
    if (typeof key === 'number') {
      at = at?.kind === 'list' ? at.item.content : undefined
      return key
    }
    // Of several types, since null has none: the first that has the field.
    const shapes: Shape[] = at?.kind === 'object' ? at.selection.shapes() : []
    const field = shapes
      .flatMap(({ fields }) => fields)
      .find((field) => field.kind === 'data' && field.dataKey === key)
    at = field?.kind === 'data' ? field.place.content : undefined
    return field?.responseKey ?? key
  })
}
