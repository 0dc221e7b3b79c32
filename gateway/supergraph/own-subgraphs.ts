import type { SubgraphName } from '../../platform/names.ts'
import type { Transport } from '../transport/transport.ts'
import type { Served } from './served.ts'

// What our own subgraphs do beside GraphQL for clients; a foreign supergraph has none of it.

/** Who knows whether a session is over: the subgraph that began it. Foreign supergraphs have none. */
export function issuerOf({ supergraph, transports }: Served): Transport | undefined {
  return supergraph.schema.getQueryType()?.getFields().viewer && transports.users
}

/** Where a subgraph of this service serves what is no GraphQL; undefined where the supergraph has none of the name. */
export function originOf({ subgraphs }: Served, name: SubgraphName): string | undefined {
  const own = subgraphs.find((subgraph) => subgraph.name === name && subgraph.secret !== null)
  return own && new URL(own.url).origin
}

/** Who knows API keys: a users subgraph that has the field for it, which no client can ask for. */
export function keepsKeys({ supergraph, transports }: Served): Transport | undefined {
  return supergraph.supergraphSchema.getQueryType()?.getFields().apiKeyBearer && transports.users
}

/** Who knows whom an outside issuer vouches for; likewise. */
export function takesIn({ supergraph, transports }: Served): Transport | undefined {
  return supergraph.supergraphSchema.getMutationType()?.getFields().signInFromIssuer && transports.users
}
