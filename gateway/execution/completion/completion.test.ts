import { expect, test } from '@jest/globals'
import { buildSchema, type GraphQLUnionType } from 'graphql'
import { compileCompletion } from './compile-completion.ts'
import { complete, faultsAt, sourceOf } from './test-support.ts'

const schema = buildSchema(`
  type Query { me: User users: [User!] must: [User!]! node: Node things: [Thing] }
  interface Node { id: ID! }
  type User implements Node {
    id: ID! name: String nick: String! age: Int height: Float isOn: Boolean color: Color any: Any
    friend: User friends: [User] best: User! constructor: String price(in: Int): Int
  }
  type Item implements Node { id: ID! title: String }
  union Thing = User | Item
  enum Color { RED GREEN }
  scalar Any
`)
const run = complete.bind(undefined, schema)
const unavailable = { message: 'Try again later.', code: 'UNAVAILABLE' }
const internal = (message: string, ...path: (string | number)[]) => ({
  message,
  path,
  extensions: { code: 'INTERNAL_SERVER_ERROR' },
})

test('fields come in the order and under the names of the operation, each once, with all that is selected of it', () => {
  const query = `
    { me { ...F x: name friend { name } id ...on Item { title } name } }
    fragment F on Node { id ...on User { friend { id } } }`
  const me = { name: 'A', id: '1', secret: 1, friend: { name: 'B', id: '2' } }
  expect(run(query, { data: { me } }).text).toBe(
    '{"me":{"id":"1","friend":{"id":"2","name":"B"},"x":"A","name":"A"}}',
  )
})

test('a field with different arguments has several values', () => {
  const data = { me: { price_1: 10, price_2: 20 } }
  expect(run('{ me { a: price(in: 1) b: price(in: 2) } }', { data }).data.me).toEqual({ a: 10, b: 20 })
})

test('the flags say what @skip and @include leave of an operation', () => {
  const query = `query ($a: Boolean!, $b: Boolean!) {
    me { id @skip(if: $a) name @include(if: $b) ...@include(if: false) { age } ...F @skip(if: $b) } }
    fragment F on User { nick }`
  const data = { me: { id: '1', name: 'A', age: 3, nick: 'a' } }
  expect(run(query, { data, flags: { a: false, b: false } }).data.me).toEqual({ id: '1', nick: 'a' })
  expect(run(query, { data, flags: { a: true, b: true } }).data.me).toEqual({ name: 'A' })
})

test('__typename is the type of the place, or the one of its types that the data name', () => {
  const data = { me: { __typename: 'Node' }, node: { __typename: 'Item' } }
  expect(run('{ __typename me { is: __typename } node { __typename } }', { data }).data).toEqual({
    __typename: 'Query',
    me: { is: 'User' },
    node: { __typename: 'Item' },
  })
})

test.each([['Secret'], ['Node'], ['Color'], [undefined], [7]])(
  'an object of type %p is an error in a union',
  (name) => {
    const { data, errors } = run('{ things { __typename } }', { data: { things: [{ __typename: name }] } })
    expect(data).toEqual({ things: [null] })
    expect(errors).toEqual([internal('Query.things is not an object of type Thing.', 'things', 0)])
  },
)

test.each([['Node'], [undefined]])(
  'an object of type %p is completed by its interface if nothing that is selected depends on its type',
  (__typename) => {
    const data = { node: { __typename, id: '1' } }
    expect(run('{ node { ...on Node { key: id } } }', { data }).data).toEqual({ node: { key: '1' } })
    expect(run('{ node { id ...on User { nick } } }', { data }).data).toEqual({ node: null })
    expect(
      run('{ things { ...on User @skip(if: true) { id } } }', { data: { things: [data.node] } }).data,
    ).toEqual({
      things: [null],
    })
  },
)

test('an object whose type is missing has the faults of its type', () => {
  const node = {}
  const { errors } = run('{ node { __typename id } }', {
    data: { node },
    faults: faultsAt([node, '__typename', unavailable]),
  })
  expect(errors).toMatchObject([{ path: ['node'], extensions: { code: 'UNAVAILABLE' } }])
})

test('scalars are what graphql-js serializes values to', () => {
  const me = { id: 12, name: true, age: '12', height: '0.5', isOn: 0, any: { a: [1, { '"': null }] } }
  expect(run('{ me { id name age height isOn any } }', { data: { me } }).data.me).toEqual({
    ...me,
    id: '12',
    name: 'true',
    age: 12,
    height: 0.5,
    isOn: false,
  })
})

test.each([
  ['id', { secret: 1 }, 'ID'],
  ['name', ['secret'], 'String'],
  ['age', 2 ** 31, 'Int'],
  ['age', 'secret', 'Int'],
  ['height', Number.POSITIVE_INFINITY, 'Float'],
  ['isOn', 'secret', 'Boolean'],
])('User.%s cannot be %j, and the error keeps the value to itself', (name, value, type) => {
  const { errors } = run(`{ me { ${name} } }`, { data: { me: { [name]: value } } })
  expect(errors).toEqual([internal(`User.${name} cannot be represented as ${type}.`, 'me', name)])
})

test('an enum has the values that the client may see, the others are null and an error without their names', () => {
  const users = [{ color: 'RED' }, { color: 'SECRET' }, { color: 1 }]
  const { data, errors } = run('{ users { color } }', { data: { users } })
  expect(data.users).toEqual([{ color: 'RED' }, { color: null }, { color: null }])
  expect(errors).toEqual([
    internal('User.color is not a value of Color.', 'users', 1, 'color'),
    internal('User.color is not a value of Color.', 'users', 2, 'color'),
  ])
})

test('JSON that is nested too deep to be written is an error', () => {
  const any = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)
  const { data, errors } = run('{ me { any } }', { data: { me: { any } } })
  expect(data.me).toEqual({ any: null })
  expect(errors).toEqual([internal('User.any is nested too deep.', 'me', 'any')])
})

test('a list is an array, an object is an object', () => {
  const { data, errors } = run('{ users { id } me { id } node { id } }', {
    data: { users: {}, me: [], node: 'a' },
  })
  expect(data).toEqual({ users: null, me: null, node: null })
  expect(errors.map(({ path }) => path)).toEqual([['users'], ['me'], ['node']])
})

test('a null that may not be goes up as far as it must and is one error, at its origin', () => {
  const users = [{ id: '1' }, { id: '2', best: { id: '3', best: null } }]
  const { data, errors } = run('{ me { id } all: users { id better: best { id best { id } } } }', {
    data: { me: { id: '1' }, users: users.slice(1) },
  })
  expect(data).toEqual({ me: { id: '1' }, all: null })
  expect(errors).toEqual([
    internal('Cannot return null for non-nullable field User.best.', 'all', 0, 'better', 'best'),
  ])
})

test('a null that goes up to the top leaves null', () => {
  expect(run('{ must { id } }', { data: { must: [{ id: '1' }, null] } })).toMatchObject({
    text: 'null',
    errors: [{ path: ['must', 1] }],
  })
})

test('what is missing was not answered, even under a name that every object has', () => {
  const { data, errors } = run('{ me { name constructor } }', { data: { me: {} } })
  expect(data.me).toEqual({ name: null, constructor: null })
  expect(errors).toEqual([
    internal('User.name was not answered.', 'me', 'name'),
    internal('User.constructor was not answered.', 'me', 'constructor'),
  ])
  expect(run('{ me { constructor } }', { data: { me: { constructor: 'x' } } }).data.me).toEqual({
    constructor: 'x',
  })
})

test('introspection is finished already', () => {
  const data = { __schema: { anything: [1] }, __type_StringValue: null }
  expect(run('{ s: __schema { types { name } } __type(name: "A") { name } }', { data }).data).toEqual({
    s: { anything: [1] },
    __type: null,
  })
})

test('what is deferred is left out and completed by itself, with paths from the top', () => {
  const { source, operation } = sourceOf(
    schema,
    '{ things { __typename ...on User @defer { nick } ...D @defer } } fragment D on User { id }',
  )
  const things = { ...source, isDeferred: () => false }
  const [selections] = operation.selectionSet.selections.flatMap(
    (node) => ('selectionSet' in node && node.selectionSet) || [],
  )
  const type = schema.getType('Thing') as GraphQLUnionType
  if (!selections) throw new Error('no selections')
  const thing = { __typename: 'User' }
  expect(compileCompletion(source, type, [selections])(thing, undefined).data).toBe('{"__typename":"User"}')
  expect(compileCompletion(things, type, [selections])(thing, undefined, ['things', 3])).toMatchObject({
    data: 'null',
    errors: [{ path: ['things', 3, 'nick'] }],
  })
})
