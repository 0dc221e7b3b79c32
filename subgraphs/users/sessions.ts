import { vouch } from '../../platform/access.ts'
import type { RequestInfo } from '../../platform/request.ts'
import type { OpenSession, SessionStore } from './session-store.ts'
import type { SignUp, UserStore } from './store.ts'
import type { TokenIssuer } from './tokens.ts'

export type Sessions = ReturnType<typeof createSessions>

/** Signing in and out for one request. What each refuses is said at the store's verb of the same name. */
export function createSessions(
  {
    users,
    sessions,
    issue,
    now,
  }: { users: UserStore; sessions: SessionStore; issue: TokenIssuer; now: () => Date },
  { userAgent }: RequestInfo,
) {
  const signedIn = async ({ person, sessionId, refreshToken }: OpenSession) => ({
    viewer: vouch(person),
    ...(await issue(person, sessionId, now())),
    refreshToken,
  })
  return {
    signUp: async (input: SignUp) =>
      signedIn(await sessions.open(await users.signUp(input, now()), userAgent, now())),
    logIn: async (input: { email: string; password: string }) =>
      signedIn(await sessions.open(await users.authenticate(input), userAgent, now())),
    refresh: async (refreshToken: string) => signedIn(await sessions.refresh(refreshToken, now())),
    logOut: (sessionId: string) => sessions.end(sessionId, now()),
  }
}
