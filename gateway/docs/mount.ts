import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { GraphQLSchema } from 'graphql'
import type { Logger } from '../../platform/logger.ts'
import type { GatewayLimits } from '../../platform/settings/gateway-limits.ts'
import { admitReader, countReader, type ReaderChecks, sendUnlessHeld } from '../contract-readers.ts'
import { inPairs } from '../http/in-pairs.ts'
import { refusedRequest } from '../http/refused-request.ts'
import { noContract } from '../supergraph/served.ts'
import type { LoadedSupergraph } from '../supergraph.ts'
import { ORIGIN, SOCKET_ORIGIN } from './guide.ts'
import { code, html } from './html.ts'
import { schemaDocs } from './model.ts'
import { contentSecurityPolicy, docsPage, noticePage } from './page.ts'

type Options = ReaderChecks & {
  supergraph: () => LoadedSupergraph
  limits: GatewayLimits
  /** Whether it is shown to everyone, or only to those who are held to the contract. */
  isPublic: boolean
  logger: Logger
}

/** Serves the documentation of the contract with partners at /docs, made once for each supergraph. */
export function mountDocs(app: FastifyInstance, options: Options): void {
  const { supergraph, limits, isPublic, logger } = options
  const pages = new WeakMap<GraphQLSchema, string>()

  app.get('/docs', { helmet: { contentSecurityPolicy } }, async (request, reply) => {
    reply.headers({ 'cache-control': 'private, no-cache', vary: 'authorization' })
    const origin = originOf(request)
    try {
      await (isPublic ? countReader : admitReader)(options, request, reply)
      return sendUnlessHeld(request, reply, { text: at(origin, page()), type: TYPE })
    } catch (error) {
      const { status, errors, headers } = refusedRequest(error, { logger, requestId: request.id })
      const [refusal] = errors
      const notice = noticePage(
        titles[status] ?? 'This cannot be shown',
        html`<p>${refusal?.message ?? ''}</p>
${isPublic ? null : howToRead}`,
      )
      return reply.code(status).headers(inPairs(headers)).type(TYPE).send(at(origin, notice))
    }
  })

  function page(): string {
    const { contract, costs, access } = supergraph()
    if (!contract) throw noContract()
    const known = pages.get(contract)
    if (known !== undefined) return known
    const made = docsPage(schemaDocs({ schema: contract, costs, access, listSize: limits.listSize }), limits)
    pages.set(contract, made)
    return made
  }
}

const TYPE = 'text/html; charset=utf-8'

const titles: Record<number, string> = {
  401: 'A key is needed',
  403: 'This key does not show it',
  429: 'Too many requests',
  503: 'Try again later',
}

/** A page that needs nothing else is the same from a file. */
const howToRead = html`<p>The documentation is shown to API keys with the scope <code>schema:read</code>, which a browser has no place for. Save the page, and open
the file:</p>
${code(`curl -sf ${ORIGIN}/docs -H "authorization: Bearer $PODIUM_KEY" -o podium.html`, 'Saving the page')}`

/** A page as it reads where the service is reached. */
const at = (origin: string, page: string) =>
  page.replaceAll(SOCKET_ORIGIN, origin.replace(/^http/, 'ws')).replaceAll(ORIGIN, origin)

/** A host and a port, and nothing that would mean something in a page or a shell. */
const host = /^([\w.-]+|\[[\da-f:.]+\])(:\d{1,5})?$/i

/** Where whoever asks reached the service. They are told what they said themselves, and nobody else is. */
function originOf({ headers }: FastifyRequest): string {
  const isSecure = headers['x-forwarded-proto'] === 'https'
  const name = host.test(headers.host ?? '') ? headers.host : 'localhost'
  return `${isSecure ? 'https' : 'http'}://${name}`
}
