import type { Person } from '../../../platform/identity.ts'
import { refuse } from '../../../platform/refusal.ts'
import type { Attempts } from '../passwords/attempts.ts'
import type { PasswordStore } from '../passwords/password-store.ts'
import type { PersonRow } from '../tables.ts'
import type { ErasureStore } from './erasure-store.ts'

/** How long after signing in who has no password may erase the account. */
const FRESH = 5 * 60_000 // ms

export type Erasure = ReturnType<typeof createErasure>

/** Erasing one's own account, for one request, whose `address` wrong passwords are counted by. */
export function createErasure(
  parts: {
    store: ErasureStore
    passwords: Pick<PasswordStore, 'check'>
    attempts: Attempts
    now: () => Date
  },
  { address }: { address?: string | undefined },
) {
  const { store, passwords, attempts, now } = parts
  /** Refuses a wrong password, and where an outside issuer vouches for the person, who did not just sign in with it. */
  return async (viewer: Person, person: PersonRow, password: string): Promise<void> => {
    if (person.passwordHash) {
      const account = { account: person.email, address }
      await attempts.count(account, () => passwords.check(person, password, 'password'))
    } else if (!(await store.isSignedInSince(viewer.sessionId, new Date(now().getTime() - FRESH)))) {
      refuse('NOT_ALLOWED', 'This account has no password. Sign in again, and delete it within five minutes.')
    }
    await store.erase(person, now())
  }
}
