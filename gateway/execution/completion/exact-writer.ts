import type { GraphQLScalarType } from 'graphql'
import { errorOf, type Faults } from '../faults.ts'
import { clientPath } from './client-path.ts'
import type { ErrorList } from './error-list.ts'
import { jsonText } from './json-text.ts'
import { type Content, isObject, type Place, type Shape, type ShapeField } from './selection.ts'

/** Where the writer is, in the client's terms: the last key first. */
type Path = { readonly key: string | number; readonly before: Path } | undefined

/**
 * Writes merged data as the JSON text of the result, as GraphQL's CompleteValue has it: what does not fit its place is
 * an error there and null, and where null may not be, the object or list around it is null. Leaves a place that became
 * null at once, so that each origin is one error and what it took along is none.
 */
export function writeExactly(
  place: Place,
  data: object,
  { faults, path, errors }: { faults?: Faults; path: readonly (string | number)[]; errors: ErrorList },
): string {
  const start = path.reduce<Path>((before, key) => ({ before, key }), undefined)
  return writeContent(place, data, start) ?? 'null'

  /** undefined: null, and it may not be. */
  function writePlace(place: Place, container: object, key: string | number, path: Path): string | undefined {
    const value = valueAt(container, key)
    const text =
      value === null || value === undefined
        ? writeNull(place, container, key, { path, isMissing: value === undefined })
        : writeContent(place, value, path)
    return text ?? (place.nullable ? 'null' : undefined)
  }

  function writeNull(
    place: Place,
    container: object,
    key: string | number,
    { path, isMissing }: { path: Path; isMissing: boolean },
  ): undefined {
    if (addFaults(container, key, place.content, path)) return
    if (isMissing) fail(`${place.coordinate} was not answered.`, path)
    else if (!place.nullable) fail(`Cannot return null for non-nullable field ${place.coordinate}.`, path)
  }

  /** undefined: it does not fit, and there is an error. */
  function writeContent({ content, coordinate }: Place, value: unknown, path: Path): string | undefined {
    switch (content.kind) {
      case 'scalar':
        return (
          serialized(content.type, value) ??
          fail(`${coordinate} cannot be represented as ${content.type.name}.`, path)
        )
      case 'enum':
        if (typeof value === 'string' && content.type.getValue(value)) return JSON.stringify(value)
        return fail(`${coordinate} is not a value of ${content.type.name}.`, path)
      case 'json':
        return jsonText(value) ?? fail(`${coordinate} is nested too deep.`, path)
      case 'list':
        if (Array.isArray(value)) return writeList(content.item, value, path)
        return fail(`Expected Iterable, but did not find one for field "${coordinate}".`, path)
      case 'object': {
        const shape = content.selection.shapeOf(value)
        // An object of the shape's type.
        if (shape) return writeObject(shape, value as object, path)
        if (isObject(value) && addFaults(value, '__typename', content, path)) return undefined
        return fail(`${coordinate} is not an object of type ${content.selection.type.name}.`, path)
      }
      default:
        return content satisfies never
    }
  }

  function writeList(item: Place, list: readonly unknown[], path: Path): string | undefined {
    let texts = ''
    for (let index = 0; index < list.length; index++) {
      const text = writePlace(item, list, index, { before: path, key: index })
      if (text === undefined) return undefined
      texts += index === 0 ? text : `,${text}`
    }
    return `[${texts}]`
  }

  function writeObject({ fields }: Shape, object: object, path: Path): string | undefined {
    let texts: string | undefined = ''
    for (const field of fields) {
      const before = errors.errors.length
      const text = writeField(field, object, path)
      if (text !== undefined)
        texts = texts === undefined ? undefined : `${texts}${texts === '' ? '' : ','}${field.label}${text}`
      // A field that went with another has no error: the other has it.
      else if (errors.errors.length > before) return undefined
      else texts = undefined
    }
    return texts === undefined ? undefined : `{${texts}}`
  }

  function writeField(field: ShapeField, object: object, path: Path): string | undefined {
    if (field.kind === 'typename') return JSON.stringify(field.typename)
    const { place, dataKey, responseKey } = field
    return writePlace(place, object, dataKey, { before: path, key: responseKey })
  }

  /** Whether it is known why nothing is there. */
  function addFaults(container: object, key: string | number, content: Content, path: Path): boolean {
    const reasons = faults?.at(container, String(key))
    for (const { below = [], ...reason } of reasons ?? []) {
      errors.add(() => errorOf({ ...reason, below: clientPath(content, below) }, keys(path)))
    }
    return reasons !== undefined
  }

  function fail(message: string, path: Path): undefined {
    errors.add(() => ({ message, path: keys(path), extensions: { code: 'INTERNAL_SERVER_ERROR' } }))
  }
}

/** Not what an object inherits: a field may be named `constructor`. */
function valueAt(container: object, key: string | number): unknown {
  return Object.hasOwn(container, key) ? (container as Record<string | number, unknown>)[key] : undefined
}

/** undefined: the value is none of the scalar's. Why may quote the value, which belongs into no message. */
function serialized(type: GraphQLScalarType, value: unknown): string | undefined {
  try {
    return jsonText(type.serialize(value))
  } catch {
    return undefined
  }
}

function keys(path: Path): (string | number)[] {
  const keys: (string | number)[] = []
  for (let at = path; at; at = at.before) keys.push(at.key)
  return keys.reverse()
}
