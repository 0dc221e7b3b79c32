import { randomBytes } from 'node:crypto'
import { and, eq, gt, isNull, lt } from 'drizzle-orm'
import type { Database, Transaction } from '../../../platform/database.ts'
import { refuse } from '../../../platform/refusal.ts'
import { lockPerson } from '../lock-person.ts'
import { hashToken } from '../sessions/tokens.ts'
import { refuseSuspended } from '../suspension.ts'
import { emailTokens, type PersonRow, people } from '../tables.ts'

export type Purpose = (typeof emailTokens.$inferSelect)['purpose']

/** How long a token is good. */
const LIFETIME: Record<Purpose, number> = {
  VERIFY_EMAIL: 86_400_000, // ms
  RESET_PASSWORD: 3_600_000, // ms
}

/** For how long one that is over is remembered: longer than the event that made it may come again. */
const REMEMBERED = 86_400_000 // ms

/** A token of a link: opaque, 256 random bits. */
export function newEmailToken(): string {
  return randomBytes(32).toString('base64url')
}

/**
 * Takes note of a token that is sent to a person's address, under the person's lock; all others of the purpose are void
 * from then on. Gives until when it is good; null where it is known already.
 */
export async function issueToken(
  tx: Transaction,
  { token, purpose, person }: { token: string; purpose: Purpose; person: PersonRow },
  issuedAt: Date,
): Promise<Date | null> {
  const { id: userId, email } = person
  await forgetTokens(tx, { userId, purpose }, issuedAt)
  const expiresAt = new Date(issuedAt.getTime() + LIFETIME[purpose])
  const hash = hashToken(token)
  const [known] = await tx.select().from(emailTokens).where(eq(emailTokens.hash, hash))
  if (known) return null
  await voidTokens(tx, { userId, purpose }, issuedAt)
  await tx.insert(emailTokens).values({ hash, userId, purpose, email, issuedAt, expiresAt })
  return expiresAt
}

/** When a person was sent tokens of a purpose, from an hour before a time on. */
export async function recentlyIssued(
  tx: Transaction,
  { userId, purpose }: { userId: string; purpose: Purpose },
  time: Date,
): Promise<Date[]> {
  const since = new Date(time.getTime() - 3_600_000)
  const issued = await tx
    .select({ at: emailTokens.issuedAt })
    .from(emailTokens)
    .where(and(ofPerson(userId, purpose), gt(emailTokens.issuedAt, since)))
  return issued.map(({ at }) => at)
}

/** Whose token it is. Refuses one that is unknown, used, void or over, and who is suspended. */
export async function ownerOf(
  db: Pick<Database, 'select'>,
  { token, purpose }: { token: string; purpose: Purpose },
  now: Date,
): Promise<PersonRow> {
  const [found] = await db
    .select({ person: people })
    .from(emailTokens)
    .innerJoin(people, eq(people.id, emailTokens.userId))
    .where(
      and(
        eq(emailTokens.hash, hashToken(token)),
        eq(emailTokens.purpose, purpose),
        gt(emailTokens.expiresAt, now),
        isNull(emailTokens.usedAt),
        // The address shows nothing once it is not the account's any more, nor does it of an account that was erased.
        eq(emailTokens.email, people.email),
        isNull(people.erasedAt),
      ),
    )
  if (!found) {
    return refuse('TOKEN_EXPIRED', 'This link was used, is too old, or a newer one was sent. Ask for another.', 'token') // biome-ignore format: one sentence
  }
  refuseSuspended(found.person)
  return found.person
}

/** Uses a token up, and gives its owner, locked. Refuses what ownerOf refuses. */
export async function redeemToken(
  tx: Transaction,
  redeemed: { token: string; purpose: Purpose },
  now: Date,
): Promise<PersonRow> {
  const { id } = await ownerOf(tx, redeemed, now)
  await lockPerson(tx, id)
  // Another may have been before this one at the lock.
  const person = await ownerOf(tx, redeemed, now)
  await tx
    .update(emailTokens)
    .set({ usedAt: now })
    .where(eq(emailTokens.hash, hashToken(redeemed.token)))
  return person
}

/** Makes a person's tokens of a purpose void, under the person's lock. */
export async function voidTokens(
  tx: Transaction,
  { userId, purpose }: { userId: string; purpose: Purpose },
  now: Date,
): Promise<void> {
  await tx
    .update(emailTokens)
    .set({ usedAt: now })
    .where(and(ofPerson(userId, purpose), isNull(emailTokens.usedAt)))
}

async function forgetTokens(
  tx: Transaction,
  { userId, purpose }: { userId: string; purpose: Purpose },
  now: Date,
): Promise<void> {
  const longOver = lt(emailTokens.expiresAt, new Date(now.getTime() - REMEMBERED))
  await tx.delete(emailTokens).where(and(ofPerson(userId, purpose), longOver))
}

const ofPerson = (userId: string, purpose: Purpose) =>
  and(eq(emailTokens.userId, userId), eq(emailTokens.purpose, purpose))
