import type { GraphQLFormattedError } from 'graphql'
import {
  type ErrorCode,
  errorCodes,
  forbidden,
  notFound,
  unauthenticated,
  unavailable,
} from '../../../platform/errors.ts'
import type { Logger } from '../../../platform/logger.ts'
import type { SubgraphFault } from './answer.ts'

/** How many errors of one answer are logged, and how much of each. */
const ERRORS = 10
const MESSAGE = 500 // characters
const DETAIL = 100 // characters, of a code or a path

/** What is said for a subgraph whose own words are not. */
const messages: Readonly<Record<ErrorCode, string>> = {
  UNAUTHENTICATED: unauthenticated().message,
  FORBIDDEN: forbidden().message,
  NOT_FOUND: notFound('thing').message,
  BAD_USER_INPUT: 'The input cannot be used.',
  UNAVAILABLE: unavailable().message,
  OPERATION_TOO_COMPLEX: 'This is more than a part of the service answers at once.',
  RATE_LIMITED: 'This is more than a part of the service answers in a time. Try again later.',
}

/** What a subgraph finds in the client's own literals, whose scalars it alone knows. */
const LITERAL = 'GRAPHQL_VALIDATION_FAILED'

const codes: readonly string[] = errorCodes
const isOurs = (code: string): code is ErrorCode => codes.includes(code)

/** What makes errors of one subgraph what clients may be told. The log gets what is kept from them. */
export type Disclose = (errors: readonly SubgraphFault[], requestId: string) => SubgraphFault[]

/**
 * A trusted subgraph chose its messages for clients and has logged what it masked; of any other only the code is told. A code
 * that is none of ours, such as that of an operation that the subgraph refuses, is a fault of the service; unless a trusted
 * one refuses a literal.
 */
export function createDisclosure(
  subgraph: string,
  { isTrusted, logger }: { isTrusted: (subgraph: string) => boolean; logger: Logger },
): Disclose {
  const trusted = isTrusted(subgraph)

  return (errors, requestId) => {
    const kept = trusted ? errors.filter(({ fault }) => !isAccountedFor(fault.code)) : errors
    if (kept.length > 0) {
      const { told, more } = inShort(kept)
      logger.warn({ subgraph, requestId, errors: told, ...(more > 0 && { more }) }, 'a subgraph gave errors')
    }
    return errors.map(({ fault, path }) => ({ fault: { ...fault, ...disclosed(fault) }, path }))
  }

  function disclosed({ code, message }: { code: string; message: string }) {
    if (trusted && (isOurs(code) || code === LITERAL)) return { message }
    return isOurs(code) ? { message: messages[code] } : { code: 'INTERNAL_SERVER_ERROR' }
  }
}

/** The same for errors that end a subscription, which are of no answer. */
export function discloseErrors(errors: readonly SubgraphFault[], requestId: string, disclose: Disclose) {
  return disclose(errors, requestId).map(
    ({ fault: { message, code }, path }): GraphQLFormattedError => ({
      message,
      ...(path && { path }),
      extensions: { code },
    }),
  )
}

const isAccountedFor = (code: string) => isOurs(code) || code === 'INTERNAL_SERVER_ERROR'

/** The first errors that differ in what they say, and how many more there are. */
function inShort(errors: readonly SubgraphFault[]) {
  const distinct = new Map<string, { message: string; code: string; path: string | undefined }>()
  for (const { fault, path } of errors) {
    const [message, code] = [fault.message.slice(0, MESSAGE), fault.code.slice(0, DETAIL)]
    const key = `${code} ${message}`
    if (distinct.size === ERRORS) break
    if (!distinct.has(key)) distinct.set(key, { message, code, path: path?.join('.').slice(0, DETAIL) })
  }
  return { told: [...distinct.values()], more: errors.length - distinct.size }
}
