import { randomUUID } from 'node:crypto'
import { eq, inArray, sql } from 'drizzle-orm'
import type { JWK } from 'jose'
import type { Database, Transaction } from '../../../platform/database.ts'
import { type Publication, publish } from '../../../platform/event-queue.ts'
import { signingKeys } from '../tables.ts'
import { type KeyTimes, keyStates, nextRotation, PUBLISHED_BEFORE, rotationAt } from './key-states.ts'
import { makeKey, openKey } from './sealed-key.ts'

/** PostgreSQL's clock, which the queue goes by, may be ahead of ours by this. */
const CLOCKS = 60_000 // ms

/** A key as it is kept. */
export type KeptKey = KeyTimes & { publicJwk: JWK; sealedPrivateKey: string; createdAt: Date }

export type SigningKeyStore = ReturnType<typeof createSigningKeyStore>

/**
 * The keys that access tokens are signed with, and when each does; changes take turns. `secret` is what private keys are
 * sealed with.
 */
export function createSigningKeyStore(db: Database, secret: string) {
  const change = <T>(work: (tx: Transaction, keys: KeptKey[]) => Promise<T>): Promise<T> =>
    db.transaction(async (tx) => {
      await tx.execute(sql`select pg_advisory_xact_lock(hashtext('users.signing_keys'))`)
      return work(tx, await readKeys(tx))
    })

  const add = async (tx: Transaction, signsFrom: Date, now: Date): Promise<string> => {
    const made = await makeKey(secret)
    await tx.insert(signingKeys).values({ ...made, createdAt: now, signsFrom })
    return made.kid
  }

  return {
    all: () => readKeys(db),

    /**
     * Does what the schedule asks for by now, which is the first key of all to begin with, and has it done again when there
     * is more; each key signs for `period` ms.
     */
    keep: (now: Date, period: number): Promise<void> =>
      change(async (tx, keys) => {
        const { make, over } = rotationAt(keys, now, period)
        if (make) await add(tx, make, now)
        if (over.length > 0) await tx.delete(signingKeys).where(inArray(signingKeys.kid, over))
        const next = nextRotation(await readKeys(tx), period)
        await publish(tx, [lookAt(new Date(next.getTime() + CLOCKS))])
      }),

    /** Has another key follow before its time; gives the one that does, which may have been made already. */
    rotate: (now: Date): Promise<string> =>
      change(async (tx, keys) => {
        const states = keyStates(keys, now)
        const next = states.find(({ state }) => state.kind === 'next')
        if (next) return next.key.kid
        const signing = states.find(({ state }) => state.kind === 'signing')
        // A key that running processes could not open would end all signing in.
        if (signing) await openKey(signing.key, secret)
        const signsFrom = signing ? new Date(now.getTime() + PUBLISHED_BEFORE) : now
        const kid = await add(tx, signsFrom, now)
        await publish(tx, [lookAt(now), auditOf(kid, 'signing_key.rotated', now)])
        return kid
      }),

    /** Deletes a key; another one signs from now on if it did. False where there is none of this id. */
    revoke: (kid: string, now: Date): Promise<boolean> =>
      change(async (tx, keys) => {
        const states = keyStates(keys, now)
        const revoked = states.find(({ key }) => key.kid === kid)
        if (!revoked) return false
        await tx.delete(signingKeys).where(eq(signingKeys.kid, kid))
        if (revoked.state.kind === 'signing') {
          const next = states.find(({ state }) => state.kind === 'next')
          if (!next) await add(tx, now, now)
          else await tx.update(signingKeys).set({ signsFrom: now }).where(eq(signingKeys.kid, next.key.kid))
        }
        await publish(tx, [lookAt(now), auditOf(kid, 'signing_key.revoked', now)])
        return true
      }),
  }
}

async function readKeys(db: Pick<Database, 'select'>): Promise<KeptKey[]> {
  const rows = await db.select().from(signingKeys)
  return rows.map(({ signsFrom, ...row }) => ({
    ...row,
    signsFrom: signsFrom ?? row.createdAt,
    // Made by exportJWK (sealed-key.ts).
    publicJwk: row.publicJwk as JWK,
  }))
}

/** Has a users subgraph look at the schedule; there is one such look ahead at a time. */
function lookAt(at: Date): Publication<'signing_keys.due'> {
  return { name: 'signing_keys.due', payload: {}, at, key: 'schedule' }
}

/** What an operator did. */
function auditOf(kid: string, action: string, now: Date): Publication<'audit.recorded'> {
  const subject = { subjectType: 'signing_key', subjectId: kid }
  return {
    name: 'audit.recorded',
    payload: { auditId: randomUUID(), at: now.toISOString(), actorId: null, action, ...subject, details: {} },
  }
}
