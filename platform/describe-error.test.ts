import { expect, test } from '@jest/globals'
import { DrizzleQueryError } from 'drizzle-orm'
import { describeFailure } from './describe-error.ts'

const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' })

test.each([
  ['by the driver', refused],
  ['in a query', new DrizzleQueryError('select 1', ['ada@example.com'], refused)],
  ['at every address of a host', new AggregateError([refused], '')],
])('who runs a command is told that there is no database, and nothing of the code: %s', (_, error) => {
  expect(describeFailure(error)).toBe('PostgreSQL (DATABASE_URL): connect ECONNREFUSED 127.0.0.1:1')
})

test('a fault of ours is told with where it is', () => {
  expect(describeFailure(new TypeError('of undefined'))).toMatch(/^TypeError: of undefined\n +at /)
})
