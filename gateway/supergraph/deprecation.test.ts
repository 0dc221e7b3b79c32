import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { deprecationFaults, deprecationIn } from './deprecation.ts'

test('a reason ends with the day from which on what is deprecated may be gone', () => {
  expect(deprecationIn('Use displayName. Goes on 2027-06-30.')).toEqual({
    reason: 'Use displayName.',
    goesOn: '2027-06-30',
  })
  expect(deprecationIn(undefined)).toBeNull()
})

test.each([
  'Use displayName.',
  'Goes on 2027-06-30. Use displayName.',
  'Use displayName. Goes on 2027-06-31.',
  'Use displayName. Goes on 2027-13-01.',
  'Use displayName. Goes on 30.6.2027.',
  'Use displayName. Goes on 2027-06-30',
])('%s has no date', (reason) => {
  expect(deprecationIn(reason)).toEqual({ reason, goesOn: null })
})

test('every deprecation without a date is named by its coordinate', () => {
  const sdl = `
    type User @key(fields: "id") {
      id: ID!
      name: String @deprecated
      nick: String @deprecated(reason: "Use displayName.")
      dated: String @deprecated(reason: "Use displayName. Goes on 2027-06-30.")
      silent: String @deprecated(reason: "Goes on 2027-06-30.")
      picture(size: Int, width: Int @deprecated(reason: "Use size.")): String
    }
    extend type Query { users(filter: Filter @deprecated): Int }
    input Filter { old: Int @deprecated }
    enum Kind { NEW OLD @deprecated }
  `
  const named = deprecationFaults('users.graphql', sdl).map((fault) => fault.split(' is deprecated')[0])
  expect(named).toEqual(
    [
      'User.name',
      'User.nick',
      'User.silent',
      'User.picture(width:)',
      'Query.users(filter:)',
      'Filter.old',
      'Kind.OLD',
    ].map((coordinate) => `users.graphql: ${coordinate}`),
  )
})

test('every deprecation of the schema says from which day on', () => {
  const folder = new URL('../../schema/', import.meta.url)
  const files = readdirSync(folder).filter((name) => name.endsWith('.graphql'))
  expect(files.length).toBeGreaterThan(5)
  expect(
    files.flatMap((file) => deprecationFaults(file, readFileSync(new URL(file, folder), 'utf8'))),
  ).toEqual([])
})
