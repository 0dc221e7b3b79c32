import type { FastifyInstance } from 'fastify'

/** Where the explorer's files are served. */
const FILES = '/explorer/'

/** Its page has scripts of its own within it, its editor styles, and it talks to this server alone. */
const contentSecurityPolicy = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'self'"],
    scriptSrc: ["'self'", "'unsafe-inline'"],
    styleSrc: ["'self'", "'unsafe-inline'"],
    imgSrc: ["'self'", 'data:'],
    fontSrc: ["'self'", 'data:'],
    frameAncestors: ["'none'"],
  },
}

/** Says at / why there is no explorer. */
export function mountExplorerNotice(app: FastifyInstance): void {
  app.get('/', (_, reply) =>
    reply
      .type('text/plain; charset=utf-8')
      .send(
        'Only the documents of TRUSTED_DOCUMENTS_FILE run here, so that there is nothing to explore. TRUSTED_DOCUMENTS=on has the explorer back.\n',
      ),
  )
}

/** Serves GraphiQL at /, from the package's own files: for development, where that package is installed. */
export async function mountExplorer(app: FastifyInstance): Promise<void> {
  const [{ ruruHTML }, { getStaticFile }] = await Promise.all([import('ruru/server'), import('ruru/static')])
  const page = ruruHTML({ staticPath: FILES, endpoint: '/graphql', htmlParts: { titleTag: '<title>Podium</title><link rel="icon" href="data:,">' } }) // biome-ignore format: one call
  app.get('/', { helmet: { contentSecurityPolicy } }, (_, reply) => reply.type('text/html').send(page))
  app.get(`${FILES}*`, { helmet: { contentSecurityPolicy } }, async (request, reply) => {
    const file = await getStaticFile({
      staticPath: FILES,
      urlPath: request.url,
      acceptEncoding: request.headers['accept-encoding'],
      disallowDevAssets: true,
    })
    if (!file) return reply.callNotFound()
    return reply.headers(file.headers).send(file.content)
  })
}
