import { readFileSync } from 'node:fs'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { type DocumentNode, type GraphQLSchema, parse } from 'graphql'
import { products, reviews, shippingCost, users } from './data.ts'

export const subgraphNames = ['accounts', 'inventory', 'products', 'reviews'] as const
export type SubgraphName = (typeof subgraphNames)[number]

const user = ({ id }: { id: string }) => users.find((one) => one.id === id)
const product = ({ sku }: { sku: string }) => products.find((one) => one.sku === sku)
const review = ({ id }: { id: string }) => reviews.find((one) => one.id === id)

/** A product as inventory knows it: price and weight are what the gateway says, so that a wrong one shows. */
type Stocked = { sku: string; price?: number; weight?: number; inStock?: boolean }

const resolvers = {
  accounts: {
    Query: { users: () => users },
    User: { __resolveReference: user },
  },
  inventory: {
    Product: {
      __resolveReference: (given: Stocked): Stocked => ({ ...given, inStock: product(given)?.inStock }),
      shippingEstimate: ({ price, weight }: Stocked) =>
        price === undefined || weight === undefined ? null : shippingCost(price, weight),
    },
  },
  products: {
    Query: { topProducts: (_: unknown, { first }: { first: number }) => products.slice(0, first) },
    Product: { __resolveReference: product },
  },
  reviews: {
    Review: { __resolveReference: review },
    User: { __resolveReference: user },
    Product: { __resolveReference: product },
  },
}

/** A subgraph's SDL. */
export function typeDefs(name: SubgraphName): DocumentNode {
  return parse(readFileSync(new URL(`${name}.graphql`, import.meta.url), 'utf8'))
}

/** A subgraph that can be executed. */
export function subgraphSchema(name: SubgraphName): GraphQLSchema {
  return buildSubgraphSchema({ typeDefs: typeDefs(name), resolvers: resolvers[name] })
}
