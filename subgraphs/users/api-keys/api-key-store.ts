import { randomUUID } from 'node:crypto'
import { and, count, desc, eq, isNull, lt, lte, or, type SQL } from 'drizzle-orm'
import type { Database } from '../../../platform/database.ts'
import { describeError } from '../../../platform/describe-error.ts'
import { publish } from '../../../platform/event-queue.ts'
import { isId } from '../../../platform/ids.ts'
import type { Logger } from '../../../platform/logger.ts'
import { RefusedError, refuse } from '../../../platform/refusal.ts'
import { auditOf } from '../audit.ts'
import { lockCaller } from '../lock-person.ts'
import type { Role } from '../roles.ts'
import { tellEnded } from '../sessions/session-ends.ts'
import { refuseSuspended } from '../suspension.ts'
import { type ApiKeyRow, apiKeys, type PersonRow, people } from '../tables.ts'
import { apiKeyFaults, effectiveScopes, type NewApiKey, newSecret } from './api-key.ts'
import { areLive } from './live-keys.ts'

/** How many keys a person has at once. */
export const MAX_KEYS = 50

/** How long a key that is over is remembered. */
const REMEMBERED = 30 * 86_400_000 // ms

/** How long the use of a key is not written down again. */
const USE = 60_000 // ms

/** On whose behalf a key lets something be done, and what. */
export type Bearer = {
  userId: string
  role: Role
  scopes: string[]
  sessionId: string
  expiresAt: Date | null
}

export type ApiKeyStore = ReturnType<typeof createApiKeyStore>

/** Keys for programs, which are good for as long as their owners are neither suspended nor erased. */
export function createApiKeyStore(db: Database, logger: Logger) {
  /** The keys of which it holds that are good, with their owners. */
  const good = (which: SQL, now: Date) =>
    db
      .select({ key: apiKeys, owner: people })
      .from(apiKeys)
      .innerJoin(people, eq(people.id, apiKeys.userId))
      .where(and(which, areLive(now), isNull(people.suspendedAt), isNull(people.erasedAt)))

  return {
    /** Makes a key, whose secret is in this answer alone. Refuses what apiKeyFaults finds, and more than MAX_KEYS. */
    create: (userId: string, input: NewApiKey, now: Date): Promise<{ apiKey: ApiKeyRow; secret: string }> =>
      db.transaction(async (tx) => {
        const person = await lockCaller(tx, userId)
        refuseSuspended(person)
        const faults = apiKeyFaults(input, person.role, now)
        if (faults.length > 0) throw new RefusedError(faults)
        const [held] = await tx.select({ count: count() }).from(apiKeys).where(and(eq(apiKeys.userId, userId), areLive(now))) // biome-ignore format: one query
        if ((held?.count ?? 0) >= MAX_KEYS) {
          return refuse(
            'NOT_ALLOWED',
            `You have ${MAX_KEYS} keys, which is the most. Revoke one of them first.`,
          )
        }
        await forget(tx, userId, now)
        const { secret, ...known } = newSecret()
        const name = input.name.trim()
        const [apiKey] = await tx
          .insert(apiKeys)
          .values({ ...known, id: randomUUID(), userId, name, scopes: [...input.scopes], expiresAt: input.expiresAt, createdAt: now }) // biome-ignore format: one row
          .returning()
        if (!apiKey) throw new Error('what was inserted is gone')
        const details = { apiKeyId: apiKey.id, name, scopes: apiKey.scopes, expiresAt: apiKey.expiresAt }
        await publish(tx, [auditOf({ action: 'api_key.created', actorId: userId, userId, details }, now)])
        return { apiKey, secret }
      }),

    /** Ends one of a person's keys. Refuses what is none of theirs, or revoked already. */
    revoke: (id: string, userId: string, now: Date): Promise<void> =>
      db.transaction(async (tx) => {
        const which = and(eq(apiKeys.id, id), eq(apiKeys.userId, userId), isNull(apiKeys.revokedAt))
        const [revoked] = isId(id) ? await tx.update(apiKeys).set({ revokedAt: now }).where(which).returning() : [] // biome-ignore format: one query
        if (!revoked) {
          return refuse('NOT_FOUND', 'There is no such key of yours, or it is revoked already.', 'id')
        }
        await tellEnded(tx, [id], now)
        const details = { apiKeyId: id, name: revoked.name }
        await publish(tx, [auditOf({ action: 'api_key.revoked', actorId: userId, userId, details }, now)])
      }),

    /** A person's keys that are neither revoked nor over, latest first. */
    of: (userId: string, now: Date): Promise<ApiKeyRow[]> =>
      db
        .select()
        .from(apiKeys)
        .where(and(eq(apiKeys.userId, userId), areLive(now)))
        .orderBy(desc(apiKeys.createdAt), desc(apiKeys.id))
        .limit(MAX_KEYS),

    /** Whom the key with this secret speaks for, and takes note that it is used; null for one that is not good. */
    async bearer(secretHash: string, now: Date): Promise<Bearer | null> {
      const [found] = await good(eq(apiKeys.secretHash, secretHash), now)
      if (!found) return null
      const { key, owner } = found
      await noteUse(key, now)
      return {
        userId: owner.id,
        role: owner.role,
        scopes: effectiveScopes(key, owner.role),
        sessionId: key.id,
        expiresAt: key.expiresAt,
      }
    },

    /** The owner of a key; null for one that is not good. */
    async ownerOf(id: string, now: Date): Promise<PersonRow | null> {
      const [found] = isId(id) ? await good(eq(apiKeys.id, id), now) : []
      return found?.owner ?? null
    },
  }

  async function forget(tx: Pick<Database, 'delete'>, userId: string, now: Date): Promise<void> {
    const since = new Date(now.getTime() - REMEMBERED)
    const isLongOver = or(lt(apiKeys.revokedAt, since), lt(apiKeys.expiresAt, since))
    await tx.delete(apiKeys).where(and(eq(apiKeys.userId, userId), isLongOver))
  }

  async function noteUse({ id, lastUsedAt }: ApiKeyRow, now: Date): Promise<void> {
    const since = new Date(now.getTime() - USE)
    if (lastUsedAt && lastUsedAt > since) return
    const isDue = or(isNull(apiKeys.lastUsedAt), lte(apiKeys.lastUsedAt, since))
    try {
      await db
        .update(apiKeys)
        .set({ lastUsedAt: now })
        .where(and(eq(apiKeys.id, id), isDue))
    } catch (error) {
      logger.warn({ apiKey: id, error: describeError(error) }, 'the use of an API key was not written down')
    }
  }
}
