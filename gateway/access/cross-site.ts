import type { IncomingMessage } from 'node:http'

/** Headers that no page may send to another site before that has agreed (CORS); one of them is enough. */
const preflighted = ['apollo-require-preflight', 'x-apollo-operation-name']

/** Content types that a form can send without asking. */
const simple = /^\s*(application\/x-www-form-urlencoded|multipart\/form-data|text\/plain)\s*(;|$)/i

/** Whether a browser may have sent this GET for a page of another site, without anyone's having agreed to it. */
export function isCrossSite({ headers }: IncomingMessage, origins: readonly string[]): boolean {
  const { origin, host, 'sec-fetch-site': site, 'content-type': type } = headers
  if (preflighted.some((name) => headers[name])) return false
  if (type !== undefined && !simple.test(type)) return false
  if (origin !== undefined) return !isOwnOrigin(origin, host, origins)
  return site !== undefined && site !== 'same-origin' && site !== 'none'
}

/** Whether a page of this origin may call: it is one of those listed, or comes from this host itself. */
export function isOwnOrigin(origin: string, host: string | undefined, origins: readonly string[]): boolean {
  return origins.includes(origin) || (URL.canParse(origin) && new URL(origin).host === host)
}
