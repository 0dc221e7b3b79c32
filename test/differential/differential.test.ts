import { expect, test } from '@jest/globals'
import { assert } from 'fast-check'
import { type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql'
import { createHarness } from './harness.ts'
import { createProperties, OPERATIONS } from './properties.ts'

const harness = createHarness()
const { operations, properties } = createProperties(harness)

test('The composed subgraphs are the one schema to clients', () => {
  const print = (schema: GraphQLSchema) => printSchema(lexicographicSortSchema(schema))
  expect(print(harness.schema)).toBe(print(harness.oracle))
})

test.each(properties)(
  '$name',
  async ({ property, share }) => {
    await assert(property, { numRuns: OPERATIONS * share }) // tells the seed when it fails
  },
  120_000, // ms
)

test('Hardly an operation is made in vain', () => {
  const { made, dropped } = operations.count
  expect(dropped / made).toBeLessThan(0.02)
})
