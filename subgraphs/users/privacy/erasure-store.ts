import { and, eq, gt, isNull, lte, type SQL, sql } from 'drizzle-orm'
import type { Database, Transaction } from '../../../platform/database.ts'
import { ERASED_NAME } from '../../../platform/erased-name.ts'
import { type Publication, publish } from '../../../platform/event-queue.ts'
import { refuse } from '../../../platform/refusal.ts'
import { keepOneBeside, takeTurns } from '../administration.ts'
import { auditOf } from '../audit.ts'
import { lockCaller } from '../lock-person.ts'
import { profileOf } from '../profile.ts'
import { endHeldByKeys, endSessions } from '../sessions/session-ends.ts'
import {
  apiKeys,
  avatarUploads,
  dataExports,
  emailTokens,
  outsideIdentities,
  type PersonRow,
  people,
  refreshTokens,
  sessions,
} from '../tables.ts'
import { redactEntriesAbout } from './audit-redaction.ts'
import { erasedAddress } from './erased-address.ts'
import { expired } from './export-store.ts'

/** How many rows one statement deletes. */
const BATCH = 10_000

export type ErasureStore = ReturnType<typeof createErasureStore>

/** The end of accounts. */
export function createErasureStore(db: Database) {
  return {
    /** Whether a session was signed in to since then. */
    isSignedInSince: async (sessionId: string, since: Date): Promise<boolean> =>
      (await db.$count(sessions, and(eq(sessions.id, sessionId), gt(sessions.createdAt, since)))) > 0,

    /**
     * Erases a person who has just shown who they are: what is left is a row with their id, so that results have somebody
     * they are of. Refuses the last administrator, and whose password was changed meanwhile.
     */
    erase: (found: PersonRow, now: Date): Promise<void> =>
      db.transaction(async (tx) => {
        await takeTurns(tx)
        const person = await lockCaller(tx, found.id)
        if (person.passwordHash !== found.passwordHash || person.suspendedAt) {
          return refuse('CONFLICT', 'The password was just changed elsewhere, or the account suspended.')
        }
        await keepOneBeside(tx, person)
        await endSessions(tx, eq(sessions.userId, person.id), now)
        await endHeldByKeys(tx, person.id, now)
        const archives = await deleteBelongings(tx, person.id, now)
        const erased = await empty(tx, person.id, now)
        await redactEntriesAbout(tx, person.id)
        await publish(tx, [...told(erased, now), ...archives.map((id) => expired(id))])
      }),

    /**
     * Deletes where a person who was erased was signed in: too much, perhaps, for one transaction. That an outside issuer's
     * session is over stays known, by its hash: its tokens would open another account.
     */
    async deleteSessions(userId: string): Promise<void> {
      const theirs = sql`select ${sessions.id} from ${sessions} where ${ours(userId)}`
      for (let deleted = BATCH; deleted === BATCH; ) {
        const { rowCount } = await db.execute(sql`
          delete from ${refreshTokens} where hash = any (array(
            select hash from ${refreshTokens} where session_id in (${theirs}) limit ${BATCH}))`)
        deleted = rowCount ?? 0
      }
      await db.delete(sessions).where(ours(userId))
    },
  }
}

/** A person's sessions that are no outside issuer's. */
function ours(userId: string): SQL | undefined {
  return and(eq(sessions.userId, userId), isNull(sessions.outsideKey))
}

/** Returns the ids of the archives that are to be deleted with them. */
async function deleteBelongings(tx: Transaction, userId: string, now: Date): Promise<string[]> {
  for (const table of [apiKeys, emailTokens, outsideIdentities]) {
    await tx.delete(table).where(eq(table.userId, userId))
  }
  // To the others something can be sent yet: they go with it when they are over (avatars.ts).
  await tx
    .delete(avatarUploads)
    .where(and(eq(avatarUploads.userId, userId), lte(avatarUploads.expiresAt, now)))
  await tx.update(sessions).set({ userAgent: null }).where(eq(sessions.userId, userId))
  const archives = await tx
    .delete(dataExports)
    .where(eq(dataExports.userId, userId))
    .returning({ id: dataExports.id })
  return archives.map(({ id }) => id)
}

async function empty(tx: Transaction, id: string, now: Date): Promise<PersonRow> {
  const [person] = await tx
    .update(people)
    .set({
      email: erasedAddress(id),
      emailVerifiedAt: null,
      passwordHash: null,
      displayName: ERASED_NAME,
      bio: null,
      timeZone: 'UTC',
      role: 'USER',
      version: sql`${people.version} + 1`,
      suspendedAt: null,
      suspensionReason: null,
      profileVisibility: 'PUBLIC',
      avatarId: null,
      erasedAt: now,
    })
    .where(eq(people.id, id))
    .returning()
  if (!person) throw new Error('a locked person is gone')
  return person
}

function told(erased: PersonRow, now: Date): Publication[] {
  const { id: userId } = erased
  return [
    { name: 'user.profile_changed', payload: profileOf(erased) },
    { name: 'user.erased', payload: { userId, at: now.toISOString() } },
    auditOf({ action: 'user.erased', actorId: userId, userId, details: {} }, now),
  ]
}
