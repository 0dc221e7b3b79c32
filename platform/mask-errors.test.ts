import { afterEach, expect, test } from '@jest/globals'
import { DrizzleQueryError } from 'drizzle-orm'
import { buildSchema, GraphQLError, graphql } from 'graphql'
import { pino } from 'pino'
import { describeError } from './describe-error.ts'
import { badUserInput, errorCodes } from './errors.ts'
import { maskError, maskErrors, maskGraphQLError } from './mask-errors.ts'

let logged: { error?: string; subgraph?: string; requestId?: string }[] = []
afterEach(() => {
  logged = []
})
const options = {
  logger: pino({ base: null }, { write: (line: string) => void logged.push(JSON.parse(line)) }),
  requestId: 'r1',
}

/** What a caller sees of what a resolver throws, by way of graphql-js. */
async function seenOf(thrown: unknown) {
  const rootValue = {
    field() {
      throw thrown
    },
  }
  const { errors } = await graphql({
    schema: buildSchema('type Query { field: Int }'),
    source: '{ field }',
    rootValue,
  })
  return errors?.map((error) => maskGraphQLError(error, options))[0]
}

test.each(errorCodes)('a %s of ours is seen as it was meant', async (code) => {
  const seen = await seenOf(new GraphQLError('Plain words.', { extensions: { code, internal: 'secret' } }))
  expect(seen).toMatchObject({ message: 'Plain words.', path: ['field'], extensions: { code } })
  expect(JSON.stringify(seen)).not.toContain('secret')
  expect(logged).toEqual([])
})

test.each([
  ['an error', new Error('select secret from people')],
  [
    'an error with a code of its own',
    Object.assign(new Error('secret'), { code: '23505', extensions: { code: '23505' } }),
  ],
  ['a GraphQLError without a code', new GraphQLError('secret')],
  ['no error at all', 'secret'],
])('%s is masked, and logged under the request id', async (_, thrown) => {
  const seen = await seenOf(thrown)
  expect(seen).toEqual({
    message: 'Something went wrong here. It is logged under the request id.',
    locations: [{ line: 1, column: 3 }],
    path: ['field'],
    extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'r1' },
  })
  expect(logged).toMatchObject([{ requestId: 'r1', error: expect.stringContaining('secret') }])
})

test('a fault of the request keeps its message, without names of the schema', async () => {
  const { errors } = await graphql({ schema: buildSchema('type Query { field: Int }'), source: '{ fields }' })
  const [seen] = errors?.map((error) => maskGraphQLError(error, options)) ?? []
  expect(seen?.message).toBe('Cannot query field "fields" on type "Query".')
  expect(seen?.extensions).toEqual({ code: 'GRAPHQL_VALIDATION_FAILED' })
})

test('of an error that Apollo Server has formatted the stack goes', () => {
  const error = badUserInput('`first` is too large.')
  const formatted = {
    ...error.toJSON(),
    extensions: { code: 'BAD_USER_INPUT', stacktrace: ['at secret.ts'] },
  }
  expect(maskError(formatted, error, options)).toMatchObject({
    message: '`first` is too large.',
    extensions: { code: 'BAD_USER_INPUT' },
  })
})

const formattedByApollo = {
  message: 'provided sha does not match query',
  extensions: { code: 'INTERNAL_SERVER_ERROR' },
}
const refusedWith = (status: number) =>
  new GraphQLError(formattedByApollo.message, { extensions: { http: { status } } })

test('what Apollo Server refuses without a code is a bad request, and no error of ours', () => {
  expect(maskError(formattedByApollo, refusedWith(400), options)).toEqual({
    message: 'provided sha does not match query',
    extensions: { code: 'BAD_REQUEST' },
  })
  expect(logged).toEqual([])
})

test.each([
  ['no fault of the request', formattedByApollo, refusedWith(500)],
  ['of a field', { ...formattedByApollo, path: ['field'] }, refusedWith(400)],
])('an error with a status that is %s is masked', (_, formatted, error) => {
  expect(maskError(formatted, error, options).extensions?.code).toBe('INTERNAL_SERVER_ERROR')
  expect(logged).toHaveLength(1)
})

test('what a subgraph has masked is logged in one line that names it', () => {
  const extensions = { code: 'INTERNAL_SERVER_ERROR', serviceName: 'users' }
  const error = new GraphQLError('Something went wrong here.', { extensions, path: ['user'] })
  expect(maskError(error.toJSON(), error, options)).toMatchObject({
    path: ['user'],
    extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'r1' },
  })
  expect(logged).toMatchObject([{ requestId: 'r1', subgraph: 'users', path: ['user'] }])
  expect(logged[0]?.error).toBeUndefined()
})

test('of many errors of a response the first ten causes are logged, and the number of the others', () => {
  const errors = Array.from({ length: 1_000 }, (_, index) => new GraphQLError(`secret ${index % 20}`))
  const seen = maskErrors(errors, options, (error, each) => maskError(error.toJSON(), error, each))
  expect(seen).toHaveLength(1_000)
  expect(JSON.stringify(seen)).not.toContain('secret')
  expect(logged).toHaveLength(11)
  expect(logged.at(-1)).toMatchObject({ requestId: 'r1', more: 990 })
})

const circle: { self?: object } = {}
circle.self = circle

test.each([
  ['a plain object', { status: 503 }, '{"status":503}'],
  ['null', null, 'null'],
  ['nothing', undefined, 'undefined'],
  ['a circle', circle, '<ref *1> { self: [Circular *1] }'],
  ['much', { text: 'x'.repeat(10_000) }, `{"text":"${'x'.repeat(1_991)}`],
])('%s that is thrown is described', (_, thrown, description) => {
  expect(describeError(thrown)).toBe(description)
})

test('a database that is away is UNAVAILABLE, and why is for the log alone', () => {
  const away = Object.assign(new Error('connect ECONNREFUSED 10.0.0.7:5432'), { code: 'ECONNREFUSED' })
  const cause = new DrizzleQueryError('select 1', [], away)
  const error = new GraphQLError(cause.message, { originalError: cause, path: ['viewer'] })
  expect(maskError(error.toJSON(), error, options)).toEqual({
    message: 'This part of the service is not available now. Try again later.',
    path: ['viewer'],
    extensions: { code: 'UNAVAILABLE' },
  })
  expect(logged).toMatchObject([{ requestId: 'r1', error: expect.stringContaining('10.0.0.7') }])
})
