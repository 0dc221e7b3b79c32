import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { graphql, parse } from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import { WebSocketServer } from 'ws'
import { composeFixture, type FixtureSubgraph } from './federation.ts'

/** Subgraphs that know nothing of this project: plain servers with POST /graphql, graphql-transport-ws, and nothing else. */
export async function openForeign(subgraphs: Record<string, FixtureSubgraph>) {
  const servers = await Promise.all(
    Object.entries(subgraphs).map(async ([name, subgraph]) => ({ name, ...(await serve(subgraph)) })),
  )
  const urls = Object.fromEntries(servers.map(({ name, url }) => [name, url]))
  return {
    urls,
    /** What these subgraphs, or some that look like them, compose to, with the urls they are at. */
    sdl: (changed: Record<string, FixtureSubgraph> = {}) =>
      Object.entries(urls).reduce(
        (sdl, [name, url]) => sdl.replaceAll(`"http://${name}/graphql"`, JSON.stringify(url)),
        composeFixture({ ...subgraphs, ...changed }),
      ),
    /** Stops one of them, or all. */
    async close(name?: string): Promise<void> {
      const closing = servers.filter((server) => name === undefined || server.name === name)
      await Promise.all(closing.map((server) => server.close()))
    },
  }
}

async function serve({ typeDefs, resolvers = {} }: FixtureSubgraph) {
  const schema = buildSubgraphSchema({ typeDefs: parse(typeDefs), resolvers: resolvers as never }) // its type of resolvers is narrower than what it takes
  const server = createServer(async (request, response) => {
    if (request.method !== 'POST' || request.url !== '/graphql') return response.writeHead(404).end()
    const { query, variables } = JSON.parse(await textOf(request))
    const result = await graphql({ schema, source: query, variableValues: variables })
    response.setHeader('content-type', 'application/json').end(JSON.stringify(result))
  })
  const sockets = new WebSocketServer({ server, path: '/graphql' })
  const streams = useServer({ schema }, sockets)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    async close() {
      await streams.dispose()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

/** A shop: its products, and what people say of them. */
export const shop: Record<string, FixtureSubgraph> = {
  'product-catalog': {
    typeDefs: `
      extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
      type Query { products: [Product!]! }
      type Product @key(fields: "sku") { sku: ID! name: String! }
    `,
    resolvers: {
      Query: { products: () => [{ sku: '1', name: 'Table' }] },
      Product: { __resolveReference: ({ sku }: { sku: string }) => ({ sku, name: 'Table' }) },
    },
  },
  reviews: {
    typeDefs: `
      extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
      type Product @key(fields: "sku") { sku: ID! reviews: [Review!]! }
      type Review { text: String! stars: Int }
      type Query { reviewCount: Int! }
      type Subscription { reviewed: Product! }
    `,
    resolvers: {
      Query: { reviewCount: () => 1 },
      Subscription: {
        reviewed: {
          async *subscribe() {
            yield { reviewed: { sku: '1' } }
          },
        },
      },
      Product: { reviews: ({ sku }: { sku: string }) => [{ text: `Good, the ${sku}.`, stars: 5 }] },
    },
  },
}

/** The shop's reviews without their stars. */
export const starless = {
  ...shop.reviews,
  typeDefs: shop.reviews?.typeDefs.replace('stars: Int', '') ?? '',
} satisfies FixtureSubgraph
