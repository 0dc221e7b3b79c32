import { expect, test } from '@jest/globals'
import { unavailableFields } from './unavailable-fields.ts'

const pathsOf = (...args: Parameters<typeof unavailableFields>) =>
  unavailableFields(...args).map(({ path }) => path)

test('each field at the root of a fetch is named as the client sees it', () => {
  expect(pathsOf({ query: '{ a { b } other: c ...F } fragment F on Query { d }' })).toEqual([
    ['a'],
    ['other'],
    ['d'],
  ])
})

test('each field of each entity of a fetch is named', () => {
  const query = 'query($representations: [_Any!]!) { _entities(representations: $representations) { ... on User { __typename name } ... on Team { size } } }' // biome-ignore format: one operation
  const representations = [
    { __typename: 'User', id: '1' },
    { __typename: 'Team', id: '2' },
  ]
  expect(pathsOf({ query, variables: { representations } })).toEqual([
    ['_entities', 0, 'name'],
    ['_entities', 1, 'size'],
  ])
})

test('there is an error whatever was asked, and never more than a hundred', () => {
  expect(unavailableFields({ query: '{ __typename }' })[0]?.extensions?.code).toBe('UNAVAILABLE')
  const representations = Array.from({ length: 200 }, () => ({ __typename: 'User' }))
  const query = 'query($representations: [_Any!]!) { _entities(representations: $representations) { ... on User { name } } }' // biome-ignore format: one operation
  expect(unavailableFields({ query, variables: { representations } })).toHaveLength(100)
})
