import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { getNamedType, getNullableType, getOperationAST, isCompositeType, isListType, isObjectType, Kind, parse, separateOperations, validate } from 'graphql' // biome-ignore format: one list
import { loadSupergraph } from '../supergraph.ts'
import { compileCost } from './cost.ts'

const { schema, costs } = loadSupergraph(
  readFileSync(new URL('../../schema/supergraph.graphql', import.meta.url), 'utf8'),
)

/** Lists that are as long as what a person sent, or shorter, and are taken to be as long as any. */
const short = /\.userErrors$|^SyncFitnessPayload\.|^ReviewRecordsPayload\.records$/

test('every list of objects is priced by what is asked for, or by the longest that it can be', () => {
  const types = Object.values(schema.getTypeMap()).filter(
    (type) => isObjectType(type) && !type.name.startsWith('__'),
  )
  const fields = types.flatMap((type) =>
    isObjectType(type) ? Object.values(type.getFields()).map((field) => ({ type, field })) : [],
  )
  const sized = new Set(
    fields.flatMap(({ type, field }) =>
      (costs.listSizes.get(`${type.name}.${field.name}`)?.sized ?? []).map(
        (name) => `${getNamedType(field.type)}.${name}`,
      ),
    ),
  )
  const unpriced = fields
    .filter(
      ({ field }) => isListType(getNullableType(field.type)) && isCompositeType(getNamedType(field.type)),
    )
    .map(({ type, field }) => `${type.name}.${field.name}`)
    .filter(
      (coordinate) => !sized.has(coordinate) && !costs.listSizes.has(coordinate) && !short.test(coordinate),
    )
  expect(unpriced).toEqual([])
})

test('the operations of the demo, of the replay and of the explorer cost a tenth of what they may', () => {
  const files = ['../../local/demo/', '../../local/replay/', '../../local/', '../'].flatMap((folder) =>
    readdirSync(new URL(folder, import.meta.url))
      .filter((name) => name.endsWith('.ts') && !name.includes('.test'))
      .map((name) => readFileSync(new URL(folder + name, import.meta.url), 'utf8')),
  )
  const texts = files.flatMap(
    (text) => text.match(/`\s*(query|mutation|subscription|\{)[^`$]*(\$[^{`][^`$]*)*`/g) ?? [],
  )
  const estimates = texts.flatMap((text) => {
    try {
      const document = parse(text.slice(1, -1))
      return Object.values(separateOperations(document)).flatMap((one) => {
        const operation = getOperationAST(one)
        const isOurs = operation && validate(schema, one).length === 0
        return isOurs
          ? [
              compileCost({ schema, costs, document: one, operation, listSize: 10 }).estimate(
                longest(operation),
              ),
            ]
          : []
      })
    } catch {
      return [] // a text of something else
    }
  })
  expect(estimates.length).toBeGreaterThan(3)
  expect(Math.max(...estimates)).toBeLessThan(1_000)
})

type Definition = NonNullable<ReturnType<typeof getOperationAST>>

/** As long lists as the service gives. */
function longest({ variableDefinitions = [] }: Definition): Record<string, unknown> {
  const numbers = variableDefinitions.filter(({ type }) => {
    const named = type.kind === Kind.NON_NULL_TYPE ? type.type : type
    return named.kind === Kind.NAMED_TYPE && named.name.value === 'Int'
  })
  return Object.fromEntries(numbers.map(({ variable }) => [variable.name.value, 100]))
}
