import { DrizzleQueryError } from 'drizzle-orm'

/** Of the system and of PostgreSQL: nobody is there, it has no connection left, it is starting or stopping. */
const codes = ['ECONNREFUSED', 'EHOSTUNREACH', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', '53300', '57P03']

/** Of pg and its pool, which give no code when a connection takes too long. */
const messages = [
  'timeout exceeded when trying to connect',
  'Connection terminated due to connection timeout',
]

/** Whether PostgreSQL could not be asked at all, so that nothing was done. */
export function isDatabaseAway(error: unknown): boolean {
  if (error instanceof DrizzleQueryError) return isDatabaseAway(error.cause)
  // Of several addresses of a name.
  const { message, code, errors } = Object(error)
  if (Array.isArray(errors)) return errors.length > 0 && errors.every(isDatabaseAway)
  return messages.includes(message) || codes.includes(code)
}
