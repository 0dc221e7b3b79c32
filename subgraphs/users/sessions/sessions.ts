import { vouch } from '../../../platform/access.ts'
import type { Person } from '../../../platform/identity.ts'
import { refuse } from '../../../platform/refusal.ts'
import type { RequestInfo } from '../../../platform/request.ts'
import { type MailLimit, refuseMail } from '../emails/mail-limit.ts'
import type { VerificationStore } from '../emails/verification-store.ts'
import type { Attempts } from '../passwords/attempts.ts'
import type { PasswordResetStore } from '../passwords/password-reset-store.ts'
import type { PasswordStore } from '../passwords/password-store.ts'
import type { SignUp, UserStore } from '../store.ts'
import type { PersonRow } from '../tables.ts'
import type { OpenSession, SessionStore } from './session-store.ts'
import type { TokenIssuer } from './tokens.ts'

export type Sessions = ReturnType<typeof createSessions>

type Parts = {
  users: UserStore
  sessions: SessionStore
  passwords: PasswordStore
  resets: PasswordResetStore
  attempts: Attempts
  verification: Pick<VerificationStore, 'request'>
  mayMail: MailLimit
  issue: TokenIssuer
  now: () => Date
}

/** Signing in and out for one request. What each refuses is said at the store's verb of the same name. */
export function createSessions(
  { users, sessions, passwords, resets, verification, attempts, mayMail, issue, now }: Parts,
  { userAgent, address }: RequestInfo,
) {
  const signedIn = async ({ person, sessionId, refreshToken }: OpenSession) => ({
    viewer: vouch(person),
    ...(await issue(person, sessionId, now())),
    refreshToken,
  })
  const counted = <T>(email: string, check: () => Promise<T>) =>
    attempts.count({ account: email.toLowerCase(), address }, check)
  return {
    /** Of too many accounts from one address of the network each is opened, and no mail goes out. */
    async signUp(input: SignUp) {
      const isMailed = await mayMail('VERIFY_EMAIL', address)
      return signedIn(await sessions.open(await users.signUp(input, now(), isMailed), userAgent, now()))
    },
    logIn: async (input: { email: string; password: string }) => {
      const person = await counted(input.email, () => users.authenticate(input))
      return signedIn(await sessions.open(person, userAgent, now()))
    },
    refresh: async (refreshToken: string) => signedIn(await sessions.refresh(refreshToken, now())),
    of: (userId: string) => sessions.of(userId, now()),
    logOut: (viewer: Person, sessionId: string) => sessions.end(sessionId, viewer.id, now()),
    logOutEverywhereElse: (viewer: Person) => sessions.endOthers(viewer.sessionId, viewer.id, now()),
    /** Keeps the session of the request alone. */
    async changePassword(
      person: PersonRow,
      change: { currentPassword: string; newPassword: string; sessionId: string },
    ): Promise<void> {
      const { currentPassword, newPassword: password, sessionId: keep } = change
      await counted(person.email, () => passwords.check(person, currentPassword))
      if (password === currentPassword)
        refuse('INVALID_INPUT', 'The account has this password already.', 'newPassword')
      await passwords.change(person, { password, keep }, now())
    },
    /** Refuses too many from one address of the network, besides. */
    async requestPasswordReset(email: string): Promise<void> {
      if (!(await mayMail('RESET_PASSWORD', address))) return refuseMail()
      await resets.request(email, now())
    },
    /** Likewise. */
    async requestEmailVerification(viewer: Person): Promise<void> {
      if (!(await mayMail('VERIFY_EMAIL', address))) return refuseMail()
      await verification.request(viewer.id, now())
    },
    resetPassword: async (reset: { token: string; newPassword: string }) =>
      signedIn(await sessions.open(await resets.reset(reset, now()), userAgent, now())),
  }
}
