import { and, gt, isNull, or, type SQL } from 'drizzle-orm'
import { apiKeys } from '../tables.ts'

/** API keys that are neither revoked nor over. */
export function areLive(now: Date): SQL | undefined {
  return and(isNull(apiKeys.revokedAt), or(isNull(apiKeys.expiresAt), gt(apiKeys.expiresAt, now)))
}
