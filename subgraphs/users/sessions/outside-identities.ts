import { createHash, randomUUID } from 'node:crypto'
import { and, eq, isNull, sql } from 'drizzle-orm'
import type { Database, Transaction } from '../../../platform/database.ts'
import { ACCESS_LIFETIME } from '../../../platform/ended-sessions.ts'
import { publish } from '../../../platform/event-queue.ts'
import { RefusedError, refuse } from '../../../platform/refusal.ts'
import { isPlainText } from '../../../platform/text.ts'
import { addressFaults } from '../account-faults.ts'
import type { Bearer } from '../api-keys/api-key-store.ts'
import { auditOf } from '../audit.ts'
import { lockCaller, lockPerson } from '../lock-person.ts'
import { profileOf } from '../profile.ts'
import { scopesOf } from '../roles.ts'
import { refuseSuspended } from '../suspension.ts'
import { outsideIdentities, type PersonRow, people, type SessionRow, sessions } from '../tables.ts'
import { displayNameFrom } from './outside-name.ts'
import { makeRoom } from './session-room.ts'
import { sweepSessions } from './session-sweep.ts'

/** How long the use of a session is not written down again: people who signed in with us refresh theirs as often. */
const USE = ACCESS_LIFETIME

/** Whom an issuer vouches for, in a token that was checked. */
export type Vouched = {
  issuer: string
  subject: string
  session: string
  email: string
  emailVerified: boolean
  displayName?: string | null
  timeZone?: string | null
}

export type OutsideIdentities = ReturnType<typeof createOutsideIdentities>

/** People whom an outside issuer knows, and the sessions that they have with it. */
export function createOutsideIdentities(db: Database) {
  return {
    /**
     * Signs in who is vouched for; at first sight opens an account, or takes that of the address if both sides have
     * verified it. Refuses an address that somebody else has, who is suspended, and a session that was ended here.
     */
    async signIn(vouched: Vouched, now: Date): Promise<Bearer> {
      const outsideKey = keyOf(vouched.issuer, vouched.subject, vouched.session)
      const known = await openSession(db, outsideKey)
      if (known && !isUseDue(known.session, now)) return bearerOf(known.person, known.session.id)
      checkVouched(vouched)
      return db.transaction(async (tx) => {
        const userId = (await knownAs(tx, vouched)) ?? (await meet(tx, vouched, now))
        const person = await lockCaller(tx, userId)
        refuseSuspended(person)
        return bearerOf(person, await sessionOf(tx, person, outsideKey, now))
      })
    },
  }
}

async function openSession(db: Database, outsideKey: string) {
  const [known] = await db
    .select({ session: sessions, person: people })
    .from(sessions)
    .innerJoin(people, eq(people.id, sessions.userId))
    .where(and(eq(sessions.outsideKey, outsideKey), isNull(sessions.endedAt), isNull(people.suspendedAt)))
  return known
}

/** The id of the person whom the issuer knows as this subject. */
async function knownAs(tx: Transaction, { issuer, subject }: Vouched): Promise<string | undefined> {
  const [known] = await tx
    .select({ userId: outsideIdentities.userId })
    .from(outsideIdentities)
    .where(and(eq(outsideIdentities.issuer, issuer), eq(outsideIdentities.subject, subject)))
  return known?.userId
}

/** Opens an account for who is seen for the first time, or finds theirs; gives its id. */
async function meet(tx: Transaction, vouched: Vouched, now: Date): Promise<string> {
  const { issuer, subject } = vouched
  // One subject is met once, also when it comes with two addresses at the same time.
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`users.outside ${keyOf(issuer, subject)}`}, 0))`) // biome-ignore format: SQL
  const known = await knownAs(tx, vouched)
  if (known) return known
  const userId = (await openAccount(tx, vouched, now)) ?? (await accountOf(tx, vouched, now))
  await tx.insert(outsideIdentities).values({ issuer, subject, userId })
  return userId
}

/** The id of a new account; undefined where the address has one. */
async function openAccount(tx: Transaction, vouched: Vouched, now: Date): Promise<string | undefined> {
  const { email, emailVerified, displayName, timeZone } = vouched
  const [person] = await tx
    .insert(people)
    .values({
      id: randomUUID(),
      email: email.toLowerCase(),
      emailVerifiedAt: emailVerified ? now : null,
      passwordHash: null,
      displayName: displayNameFrom(displayName),
      timeZone: timeZone ?? 'UTC',
      role: 'USER',
      joinedAt: now,
      version: 1,
    })
    .onConflictDoNothing({ target: people.email })
    .returning()
  if (person) await publish(tx, [{ name: 'user.joined', payload: profileOf(person) }])
  return person?.id
}

/**
 * The id of the account that has the address. Whoever only says that it is theirs, to the issuer or to us, does not get
 * into the other's account: both must have verified it.
 */
async function accountOf(tx: Transaction, vouched: Vouched, now: Date): Promise<string> {
  const { issuer, email, emailVerified } = vouched
  const [found] = await tx.select({ id: people.id }).from(people).where(eq(people.email, email.toLowerCase()))
  const person = found && (await lockPerson(tx, found.id))
  if (!person?.emailVerifiedAt || !emailVerified) {
    const message =
      'There is an account with this address. Log in to it with its password; or verify the address both there and with your issuer, and both sign in to it.'
    return refuse('EMAIL_TAKEN', message, 'email')
  }
  const act = { action: 'user.issuer_linked', actorId: person.id, userId: person.id, details: { issuer } }
  await publish(tx, [auditOf(act, now)])
  return person.id
}

/** The id of the session here that stands for one there, under the person's lock. */
async function sessionOf(tx: Transaction, person: PersonRow, outsideKey: string, now: Date): Promise<string> {
  const [last] = await tx
    .select()
    .from(sessions)
    .where(eq(sessions.outsideKey, outsideKey))
    // Somebody else's sign-in may be clearing it away.
    .for('update')
  if (last?.endedAt) return refuse('TOKEN_EXPIRED', 'This session is over. Sign in again.')
  if (last) {
    if (isUseDue(last, now)) await tx.update(sessions).set({ lastUsedAt: now }).where(eq(sessions.id, last.id)) // biome-ignore format: one thought
    return last.id
  }
  const id = randomUUID()
  await makeRoom(tx, person.id, now)
  await tx.insert(sessions).values({ id, userId: person.id, outsideKey, createdAt: now, lastUsedAt: now })
  await sweepSessions(tx, now)
  return id
}

const isUseDue = ({ lastUsedAt }: SessionRow, now: Date) => now.getTime() - lastUsedAt.getTime() >= USE

function bearerOf({ id: userId, role }: PersonRow, sessionId: string): Bearer {
  return { userId, role, scopes: [...scopesOf(role)], sessionId, expiresAt: null }
}

/** Refuses what cannot be kept. */
function checkVouched({ issuer, subject, email }: Vouched): void {
  const faults = addressFaults(email)
  if (faults.length > 0) throw new RefusedError(faults)
  for (const name of [issuer, subject]) {
    if (name.length <= 255 && isPlainText(name)) continue
    refuse('INVALID_INPUT', 'What the issuer calls itself and the person is text of at most 255 characters.')
  }
}

/** What is kept of what an issuer calls a session. */
function keyOf(...names: string[]): string {
  return createHash('sha256').update(JSON.stringify(names)).digest('base64url')
}
