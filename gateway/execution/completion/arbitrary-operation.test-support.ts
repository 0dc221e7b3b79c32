import fc, { type Arbitrary } from 'fast-check'
import {
  buildSchema,
  type GraphQLField,
  getNamedType,
  isCompositeType,
  isObjectType,
  isUnionType,
} from 'graphql'

import { isObject } from './selection.ts'

export const schema = buildSchema(`
  type Query { me: User must: User! node: Node nodes: [Node!] named: [Named] things: [[Thing]!] users: [User!]! }
  interface Named { name: String! }
  interface Node implements Named { id: ID! name: String! peer: Node }
  type User implements Node & Named {
    id: ID! name: String! peer: User age: Int height: Float! isOn: Boolean color: Color! any: Any
    friends: [User!] thing: Thing! toString: String price(in: Int): Int tags: [String!]
  }
  type Item implements Node & Named { id: ID! name: String! peer: Node owner: User! colors: [Color] }
  type Shop { name: String items: [Item]! grid: [[Int!]]! }
  union Thing = User | Item | Shop
  enum Color { RED GREEN }
  scalar Any
`)

// graphql-js would take anything for an object.
for (const type of ['User', 'Item', 'Shop'].map((name) => schema.getType(name))) {
  if (isObjectType(type)) type.isTypeOf = isObject
}

const DEPTH = 4
const types = ['Query', 'Named', 'Node', 'User', 'Item', 'Shop', 'Thing']
const fragments = ['F', 'G', 'H']
const alias = fc.constantFrom('', '', '', 'x: ', 'y: ', 'name: ')
const conditions = fc.constantFrom(
  ...['', '', '', '', '@skip(if: $a)', '@include(if: $b)', '@include(if: true)', '@skip(if: true)'],
  '@include(if: $a) @skip(if: $b)',
)

export const flags = fc.record({ a: fc.boolean(), b: fc.boolean() })

/** Operations with the flags as variables. Some are not valid: what they are run as is defined nonetheless. */
export const operation: Arbitrary<string> = fc
  .tuple(
    selection('Query', DEPTH, fragments),
    ...fragments.map((name, index) =>
      fc.constantFrom(...types).chain((type) =>
        // A fragment spreads later ones alone: none spreads itself.
        selection(type, 2, fragments.slice(index + 1)).map((text) => `fragment ${name} on ${type} ${text}`),
      ),
    ),
  )
  .map(([query, ...fragments]) => [`query ($a: Boolean!, $b: Boolean!) ${query}`, ...fragments].join('\n'))

function selection(type: string, depth: number, spreads: string[]): Arbitrary<string> {
  const nodes = [
    ...fieldsOf(type).flatMap((field) => fieldNode(field, depth, spreads)),
    fc.tuple(alias, fc.constant('__typename'), conditions).map((parts) => parts.join('')),
    ...(depth > 0 ? [inlineFragment(depth, spreads)] : []),
    ...(spreads.length > 0
      ? [fc.tuple(fc.constantFrom(...spreads), conditions).map(([name, when]) => `...${name} ${when}`)]
      : []),
  ]
  return fc.array(fc.oneof(...nodes), { minLength: 2, maxLength: 7 }).map((nodes) => `{ ${nodes.join(' ')} }`)
}

function inlineFragment(depth: number, spreads: string[]): Arbitrary<string> {
  return fc
    .constantFrom(...types)
    .chain((type) =>
      fc
        .tuple(
          fc.constantFrom(`... on ${type}`, `... on ${type}`),
          conditions,
          selection(type, depth - 1, spreads),
        )
        .map((parts) => parts.join(' ')),
    )
}

function fieldNode(
  { name, type, args }: GraphQLField<unknown, unknown>,
  depth: number,
  spreads: string[],
): Arbitrary<string>[] {
  const named = getNamedType(type)
  const given = args.length > 0 ? fc.constantFrom('', '(in: 1)', '(in: 2)') : fc.constant('')
  if (!isCompositeType(named))
    return [fc.tuple(alias, fc.constant(name), given, conditions).map((parts) => parts.join(' '))]
  if (depth === 0) return []
  // Made when it is drawn: all selections of all types at once are too many.
  const inner = fc.constant(undefined).chain(() => selection(named.name, depth - 1, spreads))
  return [fc.tuple(alias, fc.constant(name), conditions, inner).map((parts) => parts.join(' '))]
}

function fieldsOf(name: string): GraphQLField<unknown, unknown>[] {
  const type = schema.getType(name)
  return isCompositeType(type) && !isUnionType(type) ? Object.values(type.getFields()) : []
}
