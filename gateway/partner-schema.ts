import type { FastifyInstance } from 'fastify'
import type { GraphQLSchema } from 'graphql'
import type { Logger } from '../platform/logger.ts'
import { admitReader, type ReaderChecks, sendUnlessHeld } from './contract-readers.ts'
import { inPairs } from './http/in-pairs.ts'
import { refusedRequest } from './http/refused-request.ts'
import { printContract } from './supergraph/contract.ts'
import { noContract } from './supergraph/served.ts'

type Options = ReaderChecks & {
  /** What partners see; null: there is no contract with them. */
  contract: () => GraphQLSchema | null
  logger: Logger
}

/** Serves the contract with partners as SDL at /schema/partner.graphql, to those who are held to it. */
export function mountPartnerSchema(app: FastifyInstance, options: Options): void {
  const { contract, logger } = options
  const printed = new WeakMap<GraphQLSchema, string>()

  app.get('/schema/partner.graphql', async (request, reply) => {
    reply.headers({ 'cache-control': 'private, no-cache', vary: 'authorization' })
    try {
      await admitReader(options, request, reply)
      return sendUnlessHeld(request, reply, { text: sdl(), type: 'text/plain; charset=utf-8' })
    } catch (error) {
      const { status, errors, headers } = refusedRequest(error, { logger, requestId: request.id })
      return reply.code(status).headers(inPairs(headers)).send({ errors })
    }
  })

  function sdl(): string {
    const schema = contract()
    if (!schema) throw noContract()
    const known = printed.get(schema) ?? `${printContract(schema)}\n`
    printed.set(schema, known)
    return known
  }
}
