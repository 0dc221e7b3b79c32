/** What @fastify/helmet sends elsewhere, for a server of data; written once, since it never differs. */
const security = [
  ['content-security-policy', "default-src 'none';frame-ancestors 'none'"],
  ['cross-origin-opener-policy', 'same-origin'],
  ['cross-origin-resource-policy', 'same-origin'],
  ['origin-agent-cluster', '?1'],
  ['referrer-policy', 'no-referrer'],
  ['strict-transport-security', 'max-age=31536000; includeSubDomains'],
  ['x-content-type-options', 'nosniff'],
  ['x-dns-prefetch-control', 'off'],
  ['x-download-options', 'noopen'],
  ['x-frame-options', 'SAMEORIGIN'],
  ['x-permitted-cross-domain-policies', 'none'],
  ['x-xss-protection', '0'],
  ['cache-control', 'no-store'],
].flat()

/** What pages of other origins may do, for the preflights that Fastify answers. */
export const crossOrigin = {
  methods: ['GET', 'POST'],
  allowedHeaders: [
    'content-type',
    'authorization',
    'apollo-require-preflight',
    'x-apollo-operation-name',
    'podium-cost',
  ],
  exposedHeaders: ['x-request-id', 'ratelimit', 'ratelimit-policy', 'retry-after'],
  maxAge: 86_400, // s
}

/** The headers of every answer to a page or a program, names and values in turn; pages of `origins` may read it. */
export function createResponseHeaders(origins: readonly string[]) {
  const toAll =
    origins.length > 0
      ? [...security, 'vary', 'Origin', 'access-control-expose-headers', crossOrigin.exposedHeaders.join()]
      : security
  const toOrigin = new Map(
    origins.map((origin) => [origin, [...toAll, 'access-control-allow-origin', origin]]),
  )
  return (origin: string | undefined): readonly string[] =>
    origin === undefined ? toAll : (toOrigin.get(origin) ?? toAll)
}
