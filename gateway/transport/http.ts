import { signCaller } from '../../platform/identity.ts'
import type { Logger } from '../../platform/logger.ts'
import type { SubgraphAddress } from '../../platform/settings/subgraph-addresses.ts'
import { openConnections } from './connections.ts'
import { Exchange } from './exchange.ts'
import { reasonOf } from './reason.ts'
import type { Transport } from './transport.ts'

type Options = {
  now: () => Date
  logger: Logger
  /** Longest from the sending of a request to the end of its answer, in ms. */
  timeout?: number
  /** Longest that a connection may take to stand, in ms. */
  connectTimeout?: number
  /** Most connections that are open at once. */
  connections?: number
  /** Most requests that wait for one of them. */
  waiting?: number
  /** Longest body of an answer. */
  answerBytes?: number
}

const headers = [
  'content-type',
  'application/json',
  'accept',
  'application/graphql-response+json, application/json',
  // Inside a network of ours, compressing costs more than it saves.
  'accept-encoding',
  'identity',
]

/**
 * Sends operations over HTTP/1.1, each signed on behalf of its caller; nothing else of a client's goes along. Throws
 * TypeError for a url that is not one of HTTP.
 */
export function createHttpTransport(subgraph: SubgraphAddress, options: Options): Transport {
  const { name, secret } = subgraph
  const { now, logger, timeout = 5_000 } = options
  const {
    connectTimeout = 1_000,
    connections: most = 128,
    waiting = 5_000,
    answerBytes = 64_000_000,
  } = options
  const { protocol, origin, pathname, search } = new URL(subgraph.url)
  if (protocol !== 'http:' && protocol !== 'https:')
    throw new TypeError(`${subgraph.url} is not a url of HTTP`)
  const path = pathname + search
  const connections = openConnections(origin, { connections: most, waiting, connectTimeout, answerBytes })

  function onRepeat(error: Error): void {
    logger.debug({ subgraph: name, error: reasonOf(error) }, 'the connection broke; trying once more')
  }

  return {
    send({ body, kind, caller }) {
      let signed = headers
      if (secret !== null) {
        const signature = signCaller(caller, { subgraph: name, body, secret, now: now() })
        signed = headers.concat('podium-caller', signature['podium-caller'], 'podium-signature', signature['podium-signature']) // biome-ignore format: one list
      }
      return new Promise((resolve, reject) => {
        connections.enter(
          new Exchange({
            request: { path, method: 'POST', headers: signed, body },
            connections,
            timeout,
            // What a mutation did before its connection broke is not known.
            onRepeat: kind === 'query' ? onRepeat : null,
            resolve,
            reject,
          }),
        )
      })
    },
    close: () => connections.close(),
  }
}
