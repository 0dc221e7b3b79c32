import { randomUUID } from 'node:crypto'
import { and, asc, eq, gt, inArray, isNull, lt } from 'drizzle-orm'
import type { Database } from '../../../platform/database.ts'
import { isId } from '../../../platform/ids.ts'
import { refuse } from '../../../platform/refusal.ts'
import { lockPerson } from '../lock-person.ts'
import { avatarUploads, type PersonRow, people } from '../tables.ts'
import type { PictureType } from './picture-type.ts'

/** How long an upload is open, and within which time there may be so many of a person's. */
const OPEN = 3_600_000 // ms
const PER_PERSON = 10

/** How long after its end an upload is kept: what was begun in time may still be on its way. */
const KEPT = 3_600_000 // ms

/** How many uploads that are over are deleted at once. */
const SWEEP = 10

export type UploadRow = typeof avatarUploads.$inferSelect

/** A person after a change of their picture, and the id of the one they had before. */
type Changed = { person: PersonRow; before: string | null }

/** Uploads of pictures, and who shows which. */
export function createAvatarStore(db: Database) {
  return {
    /** Notes that a picture is to come. Refuses the eleventh within an hour. */
    open: (
      userId: string,
      sent: { contentType: PictureType; byteLength: number },
      now: Date,
    ): Promise<UploadRow> =>
      db.transaction(async (tx) => {
        await lockPerson(tx, userId)
        const recent = and(eq(avatarUploads.userId, userId), gt(avatarUploads.expiresAt, now))
        if ((await tx.$count(avatarUploads, recent)) >= PER_PERSON) {
          return refuse('TOO_MANY_ATTEMPTS', `${PER_PERSON} pictures an hour are enough. Try again later.`)
        }
        const expiresAt = new Date(now.getTime() + OPEN)
        const [upload] = await tx
          .insert(avatarUploads)
          .values({ id: randomUUID(), userId, ...sent, expiresAt })
          .returning()
        if (!upload) throw new Error('an insert without a row')
        return upload
      }),

    /** One of a person's uploads that is open; null for any other. */
    async find(id: string, userId: string, now: Date): Promise<UploadRow | null> {
      if (!isId(id)) return null
      const [upload] = await db
        .select()
        .from(avatarUploads)
        .where(and(eq(avatarUploads.id, id), eq(avatarUploads.userId, userId), isOpen(now)))
      return upload ?? null
    },

    /** Closes an upload; false where it was closed meanwhile. */
    async close(id: string, now: Date): Promise<boolean> {
      const closed = await db
        .update(avatarUploads)
        .set({ completedAt: now })
        .where(and(eq(avatarUploads.id, id), isOpen(now)))
      return closed.rowCount === 1
    },

    /** Has a person show another picture, or none; null where the account is no more. */
    show: (userId: string, avatarId: string | null): Promise<Changed | null> =>
      db.transaction(async (tx) => {
        const found = await lockPerson(tx, userId)
        if (!found) return null
        const [person] = await tx.update(people).set({ avatarId }).where(eq(people.id, userId)).returning()
        return person ? { person, before: found.avatarId } : null
      }),

    /** Uploads of anyone that are over for good, oldest first, and whether their picture is shown. */
    over: (now: Date): Promise<{ id: string; userId: string; shown: string | null }[]> =>
      db
        .select({ id: avatarUploads.id, userId: avatarUploads.userId, shown: people.avatarId })
        .from(avatarUploads)
        .innerJoin(people, eq(people.id, avatarUploads.userId))
        .where(lt(avatarUploads.expiresAt, new Date(now.getTime() - KEPT)))
        .orderBy(asc(avatarUploads.expiresAt))
        .limit(SWEEP),

    async forget(ids: string[]): Promise<void> {
      await db.delete(avatarUploads).where(inArray(avatarUploads.id, ids))
    },
  }
}

export type AvatarStore = ReturnType<typeof createAvatarStore>

const isOpen = (now: Date) => and(isNull(avatarUploads.completedAt), gt(avatarUploads.expiresAt, now))
