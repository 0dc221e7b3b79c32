import { expect, test } from '@jest/globals'
import { assert } from 'fast-check'
import { lexicographicSortSchema, printSchema } from 'graphql'
import { createHarness } from './harness.ts'
import { createProperties } from './properties.ts'

const harness = createHarness()
const { operations, properties } = createProperties(harness)
const seed = Number(process.env.DIFFERENTIAL_SEED ?? Math.floor(Math.random() * 2 ** 31))

/** How many of 2,000 operations each property gets. */
const share = [1200, 500, 300]

test('The composed subgraphs are the one schema to clients', () => {
  const print = (schema: Parameters<typeof lexicographicSortSchema>[0]) =>
    printSchema(lexicographicSortSchema(schema))
  expect(print(harness.gateway.schema)).toBe(print(harness.oracle))
})

test.each(Object.keys(properties).map((name, at) => [name, share[at]] as const))(
  '%s',
  async (name, numRuns) => {
    const property = properties[name]
    if (!property) throw new Error(`there is no property ${name}`)
    await assert(property, { seed, numRuns }) // a failure says the seed
  },
  120_000,
)

test('Hardly an operation was made in vain', () => {
  const { made, dropped } = operations.count
  expect(dropped / made).toBeLessThan(0.02)
})
