import { DrizzleQueryError } from 'drizzle-orm'

/** An error for the log: its stack, without the parameters of a failed query, which may be anybody's data. */
export function describeError(error: unknown): string {
  if (error instanceof DrizzleQueryError) return `${describeError(error.cause)}\nin ${error.query}`
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
