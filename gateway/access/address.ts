import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import proxyAddr from '@fastify/proxy-addr'

/** Where a request comes from; undefined once its connection is lost. */
export type AddressOf = (request: IncomingMessage) => string | undefined

/** Believes X-Forwarded-For as far as it was written by trusted proxies (addresses or CIDR ranges), and no further. */
export function createAddressOf(trustedProxies: string[]): AddressOf {
  const isTrusted = proxyAddr.compile(trustedProxies)
  return (request) => proxyAddr.all(request, isTrusted).findLast((address) => isIP(address))
}
