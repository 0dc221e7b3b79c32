import { expect, test } from '@jest/globals'
import { assert } from 'fast-check'
import { type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql'
import { createHarness } from './harness.ts'
import { createProperties, OPERATIONS } from './properties.ts'

/** Every test run tries the same, so that it fails for what has changed; `npm run differential` looks further. */
const SEED = 20_261_121

const harness = createHarness()
const { operations, properties } = createProperties(harness)

test('The composed subgraphs are the one schema to clients', () => {
  const print = (schema: GraphQLSchema) => printSchema(lexicographicSortSchema(schema))
  expect(print(harness.schema)).toBe(print(harness.oracle))
})

test.each(properties)(
  '$name',
  async ({ property, share }) => {
    await assert(property, { numRuns: OPERATIONS * share, seed: SEED })
  },
  300_000, // ms
)

test('Hardly an operation is made in vain', () => {
  const { made, dropped } = operations.count
  expect(dropped / made).toBeLessThan(0.02)
})
