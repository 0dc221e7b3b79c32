import { readFileSync } from 'node:fs'
import { buildSchema, type GraphQLSchema, parse } from 'graphql'
import { readCostWeights } from '../access/cost-weights.ts'
import { readFieldAccess } from '../supergraph/field-access.ts'
import { loadSupergraph } from '../supergraph.ts'
import type { Example } from './examples.ts'
import { type SchemaDocs, schemaDocs } from './model.ts'

/** What is said where nothing else is. */
const LIST_SIZE = 10

const links = `extend schema
  @link(url: "https://specs.apollo.dev/cost/v0.1", import: ["@cost", "@listSize"])
  @link(url: "https://specs.apollo.dev/authenticated/v0.1")
  @link(url: "https://specs.apollo.dev/requiresScopes/v0.1")
  @link(url: "https://specs.apollo.dev/policy/v0.1")
  @link(url: "https://supergraph.local/perViewer/v1.0", import: ["@perViewer"])`

/** A schema of a test's own, with the directives of a supergraph, and its documentation. */
export function documented(types: string): Documented {
  const document = parse(`${links}\n${types}`)
  const schema = buildSchema(types, { assumeValidSDL: true })
  const told = { costs: readCostWeights(document), access: readFieldAccess(document), listSize: LIST_SIZE }
  return { schema, ...told, docs: schemaDocs({ schema, ...told }) }
}

/** The contract with partners as it is committed, and its documentation. */
export function documentedContract(): Documented & { whole: GraphQLSchema } {
  const file = new URL('../../schema/supergraph.graphql', import.meta.url)
  const { contract, schema: whole, costs, access } = loadSupergraph(readFileSync(file, 'utf8'))
  if (!contract) throw new Error('there is no contract with partners')
  const told = { costs, access, listSize: LIST_SIZE }
  return { schema: contract, whole, ...told, docs: schemaDocs({ schema: contract, ...told }) }
}

type Documented = Omit<Parameters<typeof schemaDocs>[0], never> & { docs: SchemaDocs }

export const typesOf = ({ roots, groups }: SchemaDocs) => [
  ...roots.map(({ type }) => type),
  ...groups.flatMap(({ types }) => types),
]

/** What is told of a field, by its coordinate. */
export function fieldOf(docs: SchemaDocs, coordinate: string) {
  const [type, name] = coordinate.split('.')
  const field = typesOf(docs)
    .find((one) => one.name === type)
    ?.fields.find((one) => one.name === name)
  if (!field) throw new Error(`nothing is told of ${coordinate}`)
  return field
}

/** Every example, with what it is of; null where there is none. */
export function examplesOf(docs: SchemaDocs): [string, Example | null][] {
  const ofFields = docs.roots.flatMap(({ type }) =>
    type.fields.flatMap(({ name, example, briefExample }): [string, Example | null][] => [
      [`${type.name}.${name}`, example],
      [`${type.name}.${name}, in brief`, briefExample],
    ]),
  )
  return [...ofFields, ...docs.groups.flatMap(({ types }) => types.map(({ name, example }): [string, Example | null] => [name, example]))] // biome-ignore format: one thought
}
