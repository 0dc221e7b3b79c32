import { type GraphQLScalarType, isObjectType } from 'graphql'
import type { Faults } from '../faults.ts'
import { escaped, jsonText } from './json-text.ts'
import type { Content, Place, Selection, Shape, ShapeField } from './selection.ts'
import { createWriterCode, literal, type WriterCode } from './writer-code.ts'

/**
 * Writes an object of the merged data as the JSON text of the result. It is fast and knows only what is as it should
 * be: at anything else it gives up, with undefined, for the exact writer to tell what is wrong.
 */
export type Writer = (
  object: { readonly __typename?: unknown },
  faults: Faults | undefined,
) => string | undefined

export function generateWriter(selection: Selection): Writer {
  return isObjectType(selection.type) ? writerOfOneType(selection) : writerOfTypes(selection)
}

/** Generates code when the first object comes by: nested selections may hold more than data will ever reach. */
function writerOfOneType(selection: Selection): Writer {
  let writer: Writer | undefined
  let typename: unknown
  return (object, faults) => {
    if (!writer || object.__typename !== typename) {
      const shape = selection.shapeOf(object)
      if (!shape) return undefined
      writer ??= writerOfShape(shape)
      typename = object.__typename
    }
    return writer(object, faults)
  }
}

function writerOfTypes(selection: Selection): Writer {
  const writers = new Map<unknown, Writer>()
  return (object, faults) => {
    const known = writers.get(object.__typename)
    if (known) return known(object, faults)
    const shape = selection.shapeOf(object)
    if (!shape) return undefined
    const writer = writerOfShape(shape)
    writers.set(object.__typename, writer)
    return writer(object, faults)
  }
}

/** One function for one shape, so that each of its property reads meets objects of one kind alone. */
function writerOfShape({ fields }: Shape): Writer {
  const code = createWriterCode()
  code.line(`if (typeof object !== 'object' || Array.isArray(object)) return`)
  code.write('{')
  for (const [index, field] of fields.entries()) {
    if (index > 0) code.write(',')
    writeField(code, field)
  }
  code.write('}')
  // What this file made of it.
  return code.compile(['object', 'faults']) as Writer
}

function writeField(code: WriterCode, field: ShapeField) {
  code.write(field.label)
  if (field.kind === 'typename') {
    code.write(JSON.stringify(field.typename))
    return
  }
  const key = literal(field.dataKey)
  const value = code.name('value')
  code.line(`const ${value} = object[${key}]`)
  writePlace(code, field.place, value, `object, ${key}`)
}

/** `at` is the object or list that the value is in, and its key there. */
function writePlace(code: WriterCode, { nullable, content }: Place, value: string, at: string) {
  if (!nullable) {
    code.line(`if (${value} == null) return`)
    writeContent(code, content, value)
    return
  }
  code.branch(
    `${value} == null`,
    () => {
      code.line(
        `if (${value} === undefined || (faults !== undefined && faults.at(${at}) !== undefined)) return`,
      )
      code.write('null')
    },
    () => writeContent(code, content, value),
  )
}

function writeContent(code: WriterCode, content: Content, value: string) {
  switch (content.kind) {
    case 'scalar':
      return writeScalar(code, content.type, value)
    case 'enum': {
      const names = code.bind('names', new Set(content.type.getValues().map(({ name }) => name)))
      code.line(`if (!${names}.has(${value})) return`)
      return writeQuoted(code, value)
    }
    case 'json':
      return writeUnlessUndefined(code, `${code.bind('jsonText', jsonText)}(${value})`)
    case 'list': {
      const index = code.name('index')
      const item = code.name('item')
      code.line(`if (!Array.isArray(${value})) return`)
      code.write('[')
      code.loop(`let ${index} = 0; ${index} < ${value}.length; ${index}++`, () => {
        code.line(`if (${index} !== 0) text += ','`)
        code.line(`const ${item} = ${value}[${index}]`)
        writePlace(code, content.item, item, `${value}, String(${index})`)
      })
      return code.write(']')
    }
    case 'object':
      return writeUnlessUndefined(
        code,
        `${code.bind('write', generateWriter(content.selection))}(${value}, faults)`,
      )
    default:
      content satisfies never
  }
}

function writeScalar(code: WriterCode, { name }: GraphQLScalarType, value: string) {
  switch (name) {
    case 'String':
      code.line(`if (typeof ${value} !== 'string') return`)
      return writeQuoted(code, `${code.bind('escaped', escaped)}(${value})`)
    case 'ID':
      code.line(`if (typeof ${value} !== 'string' && !Number.isInteger(${value})) return`)
      return writeQuoted(code, `${code.bind('escaped', escaped)}(String(${value}))`)
    case 'Int':
      code.line(`if (typeof ${value} !== 'number' || (${value} | 0) !== ${value}) return`)
      return code.writeValue(value)
    case 'Float':
      code.line(`if (!Number.isFinite(${value})) return`)
      return code.writeValue(value)
    case 'Boolean':
      code.line(`if (typeof ${value} !== 'boolean') return`)
      return code.writeValue(value)
    default:
      throw new Error(`${name} is no scalar of GraphQL's own`)
  }
}

function writeQuoted(code: WriterCode, expression: string) {
  code.write('"')
  code.writeValue(expression)
  code.write('"')
}

function writeUnlessUndefined(code: WriterCode, expression: string) {
  const written = code.name('written')
  code.line(`const ${written} = ${expression}`)
  code.line(`if (${written} === undefined) return`)
  code.writeValue(written)
}
