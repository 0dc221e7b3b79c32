import { GraphQLError } from 'graphql'

/**
 * Every code that leaves the service, each with a constructor. Two kinds: errors, which end a field (GraphQL `errors`),
 * and refusals, which are data (`userErrors`, house rule 6). A code that is not listed here is masked by the gateway.
 */
export const errorCodes = [
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'NOT_FOUND',
  'BAD_USER_INPUT',
  'UNAVAILABLE',
  'OPERATION_TOO_COMPLEX',
  'RATE_LIMITED',
] as const

export type ErrorCode = (typeof errorCodes)[number]

function coded(code: ErrorCode, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code } })
}

/** The credentials are missing, forged, expired or revoked: sign in, or refresh the session. */
export const unauthenticated = (message = 'Sign in to do this.') => coded('UNAUTHENTICATED', message)

/** The caller is known and may not; asking again will not help. */
export const forbidden = (message = 'Your account may not do this.') => coded('FORBIDDEN', message)

/** There is no such thing, or none that the caller may see: the two are told alike on purpose. */
export const notFound = (what: string) =>
  coded('NOT_FOUND', `There is no such ${what}, or you may not see it.`)

/** An argument of a query or subscription is of the right type and still cannot be used. */
export const badUserInput = (message: string) => coded('BAD_USER_INPUT', message)

/** A part of the service does not answer now; the same request may succeed later. */
export const unavailable = (message = 'This part of the service is not available now. Try again later.') =>
  coded('UNAVAILABLE', message)

/** The operation passes a limit on its size; the message names the limit. */
export const tooComplex = (message: string) => coded('OPERATION_TOO_COMPLEX', message)

/** As much was asked for as one may ask for in a time; `after` is in how many seconds there is enough again. */
export const rateLimited = (message: string, after: number) =>
  new GraphQLError(`${message} Try again in ${after === 1 ? 'a second' : `${after} seconds`}.`, {
    extensions: { code: 'RATE_LIMITED' satisfies ErrorCode, after },
  })

/** A document has no operation of the name that was given, or several and no name. */
export const operationUnresolved = () =>
  new GraphQLError(
    'The document has several operations, or none of this name: operationName must name one.',
    {
      extensions: { code: 'OPERATION_RESOLUTION_FAILURE' },
    },
  )
