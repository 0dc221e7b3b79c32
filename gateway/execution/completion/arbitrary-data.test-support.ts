import fc, { type Arbitrary } from 'fast-check'
import {
  type GraphQLObjectType,
  type GraphQLOutputType,
  isAbstractType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql'
import type { Fault, Faults } from '../faults.ts'
import { schema } from './arbitrary-operation.test-support.ts'

const DEPTH = 3

/** What is wrong in most places. An Error stands for a fault. */
const wrong: Arbitrary<unknown> = fc.constantFrom(
  ...[null, new Error('fault'), new Error('fault')],
  ...['', '7', 'RED', true, 0, -1.5, 2 ** 40, [], [[null, 1]]],
  ...['User', 'Query', 'Secret', 'Color', 5, null].map((__typename) => ({ __typename })),
)

const scalars: Record<string, Arbitrary<unknown>> = {
  ID: fc.oneof(fc.string(), fc.integer()),
  String: fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', '"\\', '\ud800', 'é'.repeat(100))),
  Int: fc.oneof(fc.integer(), fc.constant(-0)),
  Float: fc.double({ noNaN: true, noDefaultInfinity: true }),
  Boolean: fc.boolean(),
  Any: fc.jsonValue(),
}

/** Merged data of a query: what each field may be, or now and then something else. */
export function data(kind: 'right' | 'often wrong'): Arbitrary<object> {
  return object(queryType(), DEPTH, false)

  function place(type: GraphQLOutputType, depth: number): Arbitrary<unknown> {
    const value = isNonNullType(type) ? content(type.ofType, depth) : orNull(content(type, depth), depth)
    if (kind === 'right') return value
    return fc.oneof({ arbitrary: value, weight: 12 }, { arbitrary: wrong, weight: 1 })
  }

  function orNull(value: Arbitrary<unknown>, depth: number): Arbitrary<unknown> {
    const none = fc.constant(null)
    return depth <= 0 ? none : fc.oneof({ arbitrary: value, weight: 5 }, { arbitrary: none, weight: 1 })
  }

  function content(type: GraphQLOutputType, depth: number): Arbitrary<unknown> {
    if (isListType(type))
      return fc.array(
        later(() => place(type.ofType, depth - 1)),
        { maxLength: depth > 0 ? 3 : 0 },
      )
    if (isEnumType(type)) return fc.constantFrom(...type.getValues().map(({ name }) => name))
    if (isObjectType(type)) return later(() => object(type, depth - 1, false))
    if (!isAbstractType(type)) return scalars[String(type)] ?? fc.constant(null)
    // The last one needs no other object.
    const types = schema.getPossibleTypes(type).slice(depth > 0 ? 0 : -1)
    return fc.constantFrom(...types).chain((type) => object(type, depth - 1, true))
  }

  function object(type: GraphQLObjectType, depth: number, isNamed: boolean): Arbitrary<object> {
    const fields = Object.values(type.getFields()).flatMap(({ name, args, type }) =>
      ['', ...args.flatMap(() => ['_1', '_2'])].map((suffix) => [`${name}${suffix}`, place(type, depth)]),
    )
    const __typename = isNamed ? fc.constant(type.name) : fc.constantFrom(type.name, 'Node', undefined)
    return fc.record({ __typename, ...Object.fromEntries(fields) })
  }
}

/** Data with null for each Error, which is the fault there. */
export function withFaults(data: object): { data: object; faults: Faults } {
  const faults = new Map<object, Map<string, Fault[]>>()
  return { data: copy(data) as object, faults: { at: (object, key) => faults.get(object)?.get(key) } }

  function copy(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value
    const entries = Object.entries(value)
    const copied = entries.map(([key, item]) => [key, item instanceof Error ? null : copy(item)] as const)
    const result = Array.isArray(value) ? copied.map(([, item]) => item) : Object.fromEntries(copied)
    const failed = entries.flatMap(([key, item]) => (item instanceof Error ? [key] : []))
    faults.set(result, new Map(failed.map((key) => [key, [{ message: 'fault', code: 'UNAVAILABLE' }]])))
    return result
  }
}

function later<T>(make: () => Arbitrary<T>): Arbitrary<T> {
  return fc.constant(undefined).chain(make)
}

function queryType(): GraphQLObjectType {
  const type = schema.getQueryType()
  if (!type) throw new Error('a schema without queries')
  return type
}
