import type { GraphQLFormattedError } from 'graphql'

/** Why a request is not answered with a result: what its sender is told, under which status. */
export class RequestError extends Error {
  readonly status: number
  readonly errors: readonly GraphQLFormattedError[]
  /** Headers of the answer: names and values in turn. */
  readonly headers: readonly string[]
  /** The request was in order, its document was not: clients that know application/json alone get 200. */
  readonly isOfDocument: boolean

  constructor(
    status: number,
    errors: readonly GraphQLFormattedError[],
    { headers = [], isOfDocument = false }: { headers?: readonly string[]; isOfDocument?: boolean } = {},
  ) {
    super(errors.map(({ message }) => message).join(' '))
    this.status = status
    this.errors = errors
    this.headers = headers
    this.isOfDocument = isOfDocument
  }
}

/** The request itself is at fault. */
export const badRequest = (message: string, status = 400, headers: readonly string[] = []) =>
  new RequestError(status, [{ message, extensions: { code: 'BAD_REQUEST' } }], { headers })
