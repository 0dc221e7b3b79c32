import type { GraphQLError } from 'graphql'

/** Why an operation is not run; for the client to read. */
export class InvalidOperationError extends Error {
  readonly errors: readonly GraphQLError[]
  constructor(errors: readonly GraphQLError[]) {
    super(errors.map(({ message }) => message).join(' '))
    this.errors = errors
  }
}
