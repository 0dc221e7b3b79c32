import { expect, test } from '@jest/globals'
import { buildSchema } from 'graphql'
import { complete, faultsAt } from './test-support.ts'

const schema = buildSchema(`
  type Query { users: [User] node: Node }
  interface Node { id: ID }
  type User implements Node { id: ID name: String nick: String! friends(first: Int): [User!] }
`)
const run = complete.bind(undefined, schema)
const fault = { message: 'Try again later.', code: 'UNAVAILABLE' }

test('a fault is an error wherever its object is, in the terms of the client', () => {
  const user = { id: '1', name: null }
  const { data, errors } = run('{ all: users { id called: name } }', {
    data: { users: [user, { id: '2', name: null }, user] },
    faults: faultsAt([user, 'name', { ...fault, subgraph: 'users' }]),
  })
  expect(data.all).toEqual(['1', '2', '1'].map((id) => ({ id, called: null })))
  const error = { message: 'Try again later.', extensions: { code: 'UNAVAILABLE', serviceName: 'users' } }
  expect(errors).toEqual([
    { ...error, path: ['all', 0, 'called'] },
    { ...error, path: ['all', 2, 'called'] },
  ])
})

test('a fault takes the place of the error that a null is where it may not be', () => {
  const user = { id: '1' }
  const { data, errors } = run('{ users { id nick } }', {
    data: { users: [user] },
    faults: faultsAt([user, 'nick', fault, { ...fault, message: 'Twice.' }]),
  })
  expect(data).toEqual({ users: [null] })
  expect(errors).toMatchObject([
    { message: 'Try again later.', path: ['users', 0, 'nick'] },
    { message: 'Twice.', path: ['users', 0, 'nick'] },
  ])
})

test('an item of a list has faults of its own', () => {
  const users = [null, { id: '1' }]
  const { errors } = run('{ users { id } }', { data: { users }, faults: faultsAt([users, '0', fault]) })
  expect(errors).toMatchObject([{ path: ['users', 0] }])
})

test('the fault of a value that is there is none', () => {
  const users = [{ id: '1' }]
  const data = { users }
  const { errors } = run('{ users { id } }', { data, faults: faultsAt([data, 'users', fault]) })
  expect(errors).toEqual([])
})

test('what is below a fault is told in the terms of the client as far as those go', () => {
  const data = { users: [{ friends_3: null }], node: null }
  const { errors } = run(
    '{ users { dear: friends(first: 3) { called: name } } node { ...on User { called: name } } }',
    {
      data,
      faults: faultsAt(
        [
          data.users[0] ?? {},
          'friends_3',
          { ...fault, below: [2, 'name'] },
          { ...fault, below: [2, 'other', 'name'] },
        ],
        [data, 'node', { ...fault, below: ['name'] }],
      ),
    },
  )
  expect(errors.map(({ path }) => path)).toEqual([
    ['users', 0, 'dear', 2, 'called'],
    ['users', 0, 'dear', 2],
    ['node', 'called'],
  ])
})

test('a result has at most 1,000 errors, the last of which says that there are more in words that are not masked', () => {
  const users = (count: number) =>
    run('{ users { nick } }', { data: { users: Array(count).fill({}) } }).errors
  expect(users(1_000).at(-1)).toMatchObject({ path: ['users', 999, 'nick'] })
  expect(users(1_200)).toHaveLength(1_000)
  expect(users(1_200).at(-1)).toEqual({
    message: 'There are more errors than the 1000 that are told.',
    extensions: { code: 'UNAVAILABLE' },
  })
})
