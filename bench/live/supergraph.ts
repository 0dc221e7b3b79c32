import { composeServices } from '@apollo/composition'
import { type SubgraphName, subgraphNames, typeDefs } from './subgraphs/schemas.ts'

/** What every reader subscribes to. The stamp comes first, so that clients find it without reading on. */
export const subscription =
  'subscription Board { boardChanged(id: "b1") { publishedAt revision changedAt standings { rank score user { id name pictureUrl } } } }'

/** Composes the supergraph of subgraphs at these urls; its SDL. */
export function composeSupergraph(urls: Record<SubgraphName, string>): string {
  const services = subgraphNames.map((name) => ({ name, url: urls[name], typeDefs: typeDefs(name) }))
  const { supergraphSdl, errors } = composeServices(services)
  if (!supergraphSdl) throw new Error(`The subgraphs do not compose: ${errors?.join('\n')}`)
  return supergraphSdl
}
