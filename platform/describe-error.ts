import { inspect } from 'node:util'
import { DrizzleQueryError } from 'drizzle-orm'

/** Longest description of what is thrown and is no error. */
const LENGTH = 2_000 // characters

/** An error for the log: its stack, without the parameters of a failed query, which may be anybody's data. */
export function describeError(error: unknown): string {
  if (error instanceof DrizzleQueryError) return `${describeError(error.cause)}\nin ${error.query}`
  if (error instanceof Error) return error.stack ?? error.message
  return (typeof error === 'object' ? describeObject(error) : String(error)).slice(0, LENGTH)
}

/** The same for whoever runs a command: of a database that cannot be had or refuses, what is wrong, without where in the code. */
export function describeFailure(error: unknown): string {
  if (error instanceof DrizzleQueryError) return describeFailure(error.cause)
  if (error instanceof AggregateError) return describeFailure(error.errors[0])
  const isOfDatabase = error instanceof Error && 'code' in error
  return isOfDatabase ? `PostgreSQL (DATABASE_URL): ${error.message}` : describeError(error)
}

function describeObject(object: object | null): string {
  try {
    return JSON.stringify(object) ?? inspect(object)
  } catch {
    return inspect(object) // a circle, for one
  }
}
