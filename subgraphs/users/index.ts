import { anyone } from '../../platform/access.ts'
import type { Resources } from '../../platform/resources.ts'
import { defineSubgraph, type Subgraph } from '../../platform/subgraph.ts'
import { createAuditLog } from './audit.ts'
import { createLoaders } from './loaders.ts'
import { type Context, resolvers } from './resolvers.ts'
import { createSessionStore } from './session-store.ts'
import { createSessions } from './sessions.ts'
import { openSigningKeys } from './signing-keys.ts'
import { createUserStore } from './store.ts'
import { createTokenIssuer } from './tokens.ts'

/** Opens the users subgraph: who people are, and how they sign in. */
export async function openUsers({ config, db, now }: Resources): Promise<Subgraph> {
  const users = createUserStore(db)
  const sessions = createSessionStore(db, config.secret)
  const audit = createAuditLog(db)
  const keys = await openSigningKeys(db, config.secret, now())
  const issue = createTokenIssuer(keys)
  return defineSubgraph<Context>({
    name: 'users',
    resolvers,
    access: { User: anyone },
    context: (request) => ({
      users,
      sessions: createSessions({ users, sessions, issue, now }, request),
      audit,
      load: createLoaders(users),
    }),
    handlers: { 'audit.recorded': audit.record },
    routes: (app) => app.get('/.well-known/jwks.json', () => keys.jwks),
  })
}
