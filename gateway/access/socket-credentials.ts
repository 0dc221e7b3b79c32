import type { IncomingMessage } from 'node:http'

/**
 * What stands for the Authorization header of a socket: a parameter of its introduction, since a browser cannot send
 * the header with one; without any, the header itself. Not yet known to be a string.
 */
export function socketCredentials(
  params: Record<string, unknown> | undefined,
  request: IncomingMessage,
): unknown {
  const nested = params?.headers
  return (
    authorizationIn(params) ??
    (typeof nested === 'object' ? authorizationIn(nested) : undefined) ??
    bearer(params?.accessToken) ??
    request.headers.authorization
  )
}

function authorizationIn(params: { authorization?: unknown; Authorization?: unknown } | null | undefined) {
  return params?.authorization ?? params?.Authorization
}

const bearer = (token: unknown) => (typeof token === 'string' ? `Bearer ${token}` : token)
