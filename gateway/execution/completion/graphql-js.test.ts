import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { executeSync, type GraphQLFieldResolver, parse } from 'graphql'
import { data, withFaults } from './arbitrary-data.test-support.ts'
import { flags, operation, schema } from './arbitrary-operation.test-support.ts'
import { complete, keyOf } from './test-support.ts'

/** What is missing was not answered, which is an error. */
const read: GraphQLFieldResolver<object, unknown> = (source, _args, _context, { fieldNodes: [node] }) => {
  const value: unknown = node && Object.entries(source).find(([key]) => key === keyOf(node))?.[1]
  return value === undefined ? new Error('missing') : value
}

/** Every test run tries the same, so that it fails for what has changed. */
const SEED = 20_261_121

test('any operation on any data gives the text and the errors that graphql-js gives over one schema', () => {
  fc.assert(
    fc.property(operation, data('often wrong'), flags, (text, values, flags) => {
      const expected = executeSync({
        schema,
        document: parse(text),
        rootValue: values,
        variableValues: flags,
        fieldResolver: read,
        typeResolver: (value) => value.__typename,
      })
      const actual = complete(schema, text, { ...withFaults(values), flags })
      expect(actual.text).toBe(JSON.stringify(expected.data))
      expect(actual.errors.map(({ path }) => path)).toEqual((expected.errors ?? []).map(({ path }) => path))
    }),
    { seed: SEED, numRuns: 500 },
  )
})
