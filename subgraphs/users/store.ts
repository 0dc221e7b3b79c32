import { randomUUID } from 'node:crypto'
import { and, eq, inArray, isNull, sql } from 'drizzle-orm'
import type { Database } from '../../platform/database.ts'
import { publish } from '../../platform/event-queue.ts'
import { isId } from '../../platform/ids.ts'
import { RefusedError, refusal, refuse } from '../../platform/refusal.ts'
import { profileFaults, signUpFaults } from './account-faults.ts'
import type { AccountMails } from './emails/account-mails.ts'
import { sendVerification } from './emails/verification-store.ts'
import { hashPassword, isOutdated, verifyPassword } from './passwords/password.ts'
import { profileOf } from './profile.ts'
import { refuseSuspended } from './suspension.ts'
import { type PersonRow, people, sessions } from './tables.ts'

export type SignUp = { email: string; password: string; displayName: string; timeZone: string }

export type UserStore = ReturnType<typeof createUserStore>

/** People and their credentials. */
export function createUserStore(db: Database, mails: AccountMails) {
  const store = {
    /** Those of `ids` that exist, in any order. */
    byIds: (ids: readonly string[]): Promise<PersonRow[]> =>
      db
        .select()
        .from(people)
        .where(inArray(people.id, [...ids])),

    /** The person whose session this is; null once it has ended. */
    async bySession(sessionId: string): Promise<PersonRow | null> {
      if (!isId(sessionId)) return null
      const [row] = await db
        .select({ person: people })
        .from(sessions)
        .innerJoin(people, eq(people.id, sessions.userId))
        .where(and(eq(sessions.id, sessionId), isNull(sessions.endedAt)))
      return row?.person ?? null
    },

    /** Opens an account, and has its address verified unless `isMailed` is false. Refuses what signUpFaults finds, and an address that has one already. */
    async signUp(input: SignUp, now: Date, isMailed = true): Promise<PersonRow> {
      const faults = signUpFaults(input)
      if (faults.length > 0) throw new RefusedError(faults)
      const passwordHash = await hashPassword(input.password)
      return db.transaction(async (tx) => {
        const [person] = await tx
          .insert(people)
          .values({
            id: randomUUID(),
            email: input.email.toLowerCase(),
            passwordHash,
            displayName: input.displayName.trim(),
            timeZone: input.timeZone,
            role: 'USER',
            joinedAt: now,
            version: 1,
          })
          .onConflictDoNothing({ target: people.email })
          .returning()
        if (!person) {
          const message = 'There is an account with this address. Log in, or use another address.'
          throw new RefusedError([refusal('EMAIL_TAKEN', message, 'email')])
        }
        await publish(tx, [{ name: 'user.joined', payload: profileOf(person) }])
        if (isMailed) await sendVerification(tx, mails, person, now)
        return person
      })
    },

    /** The person who has this address and password. Refuses both faults alike, and who is suspended. */
    async authenticate(input: { email: string; password: string }): Promise<PersonRow> {
      const [person] = await db.select().from(people).where(eq(people.email, input.email.toLowerCase()))
      // A longer one cannot be anybody's, and hashing it would be work for nothing.
      const password = input.password.length <= 128 ? input.password : ''
      const matches = await verifyPassword(person?.passwordHash ?? null, password)
      if (!matches || !person?.passwordHash) {
        return refuse('WRONG_CREDENTIALS', 'The address or the password is wrong.')
      }
      refuseSuspended(person)
      if (!isOutdated(person.passwordHash)) return person
      const [renewed] = await db
        .update(people)
        .set({ passwordHash: await hashPassword(password) })
        .where(and(eq(people.id, person.id), eq(people.passwordHash, person.passwordHash)))
        .returning()
      // Else it was just changed, perhaps by another log-in that made it anew.
      return renewed ?? store.authenticate(input)
    },

    /** Changes what is given; null and undefined leave as it is. Refuses what profileFaults finds. */
    async updateProfile(
      id: string,
      change: {
        displayName?: string | null
        bio?: string | null
        timeZone?: string | null
        profileVisibility?: PersonRow['profileVisibility'] | null
      },
    ): Promise<PersonRow> {
      const faults = profileFaults(change)
      if (faults.length > 0) throw new RefusedError(faults)
      return db.transaction(async (tx) => {
        const [person] = await tx
          .update(people)
          .set({
            ...(change.displayName != null && { displayName: change.displayName.trim() }),
            ...(change.bio != null && { bio: change.bio.trim() || null }),
            ...(change.timeZone != null && { timeZone: change.timeZone }),
            ...(change.profileVisibility != null && { profileVisibility: change.profileVisibility }),
            version: sql`${people.version} + 1`,
          })
          .where(and(eq(people.id, id), isNull(people.erasedAt)))
          .returning()
        if (!person) return refuse('NOT_FOUND', 'This account is no more.')
        await publish(tx, [{ name: 'user.profile_changed', payload: profileOf(person) }])
        return person
      })
    },
  }
  return store
}
