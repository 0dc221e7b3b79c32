import { anyone } from '../../platform/access.ts'
import { TOLD, tellEndedSessions } from '../../platform/ended-sessions.ts'
import type { Resources } from '../../platform/resources.ts'
import { defineSubgraph, type Subgraph } from '../../platform/subgraph.ts'
import { administrators, inSession } from './access.ts'
import { createAdministration } from './administration.ts'
import { createAttempts } from './attempts.ts'
import { createAuditLog } from './audit.ts'
import { createUserDirectory } from './directory.ts'
import { createLoaders } from './loaders.ts'
import { createPasswordStore } from './password-store.ts'
import { type Context, resolvers } from './resolvers.ts'
import { createSessionStore } from './session-store.ts'
import { createSessions } from './sessions.ts'
import { openSigningKeys } from './signing-keys.ts'
import { createUserStore } from './store.ts'
import { createTokenIssuer } from './tokens.ts'

/** Opens the users subgraph: who people are, how they sign in, and what they may do. */
export async function openUsers({ config, db, redis, logger, now }: Resources): Promise<Subgraph> {
  const users = createUserStore(db)
  const sessions = createSessionStore(db, config.secret)
  const passwords = createPasswordStore(db)
  const attempts = createAttempts(redis, logger)
  const directory = createUserDirectory(db)
  const administration = createAdministration(db)
  const audit = createAuditLog(db)
  const keys = await openSigningKeys(db, config.secret, now())
  const issue = createTokenIssuer(keys)
  return defineSubgraph<Context>({
    name: 'users',
    resolvers,
    access: {
      User: anyone,
      'Query.users': administrators,
      'Query.auditLog': administrators,
      'Mutation.logOut': inSession,
      'Mutation.logOutEverywhereElse': inSession,
      'Mutation.changePassword': inSession,
      'Mutation.updateProfile': inSession,
      'Mutation.setUserRole': administrators,
      'Mutation.suspendUser': administrators,
      'Mutation.unsuspendUser': administrators,
    },
    context: (request) => ({
      users,
      directory,
      sessions: createSessions({ users, sessions, passwords, attempts, issue, now }, request),
      administration,
      audit,
      load: createLoaders(users),
      now,
    }),
    handlers: {
      'audit.recorded': audit.record,
      'sessions.ended': ({ sessionIds, at }) =>
        tellEndedSessions(redis, { sessionIds, until: new Date(at).getTime() + TOLD }),
    },
    routes: (app) => app.get('/.well-known/jwks.json', () => keys.jwks),
  })
}
