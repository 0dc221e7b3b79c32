import { unauthenticated } from '../../platform/errors.ts'
import { refusable } from '../../platform/refusal.ts'
import { scalars } from '../../platform/scalars.ts'
import type { AuditLog } from './audit.ts'
import type { Resolvers } from './generated.ts'
import type { Loaders } from './loaders.ts'
import type { Sessions } from './sessions.ts'
import type { UserStore } from './store.ts'

export type Context = {
  users: Pick<UserStore, 'bySession' | 'updateProfile'>
  sessions: Sessions
  audit: Pick<AuditLog, 'page'>
  load: Loaders
}

export const resolvers: Resolvers = {
  ...scalars,

  Query: {
    async viewer(_, __, { viewer, users }) {
      if (!viewer) return null
      const person = await users.bySession(viewer.sessionId)
      if (!person) throw unauthenticated('This session has ended. Log in again.')
      return person
    },
    user: (_, { id }, { load }) => load.person.load(id),
    auditLog: (_, args, { audit }) => audit.page(args),
  },

  Mutation: {
    signUp: (_, { input }, { sessions }) =>
      refusable(async () => ({
        session: await sessions.signUp({ ...input, timeZone: input.timeZone ?? 'UTC' }),
      })),
    logIn: (_, { input }, { sessions }) => refusable(async () => ({ session: await sessions.logIn(input) })),
    refreshSession: (_, { refreshToken }, { sessions }) =>
      refusable(async () => ({ session: await sessions.refresh(refreshToken) })),
    async logOut(_, __, { viewer, sessions }) {
      await sessions.logOut(viewer.sessionId)
      return { userErrors: [] }
    },
    updateProfile: (_, { input }, { viewer, users }) =>
      refusable(async () => ({ viewer: await users.updateProfile(viewer.id, input) })),
  },

  User: {
    __resolveReference: ({ id }, { load }) => load.person.load(id),
  },

  Viewer: {
    __resolveReference: ({ id }, { load }) => load.person.load(id),
    user: (person) => person,
  },

  AuditEntry: {
    actor: ({ actorId }, _, { load }) => (actorId ? load.person.load(actorId) : null),
    details: ({ details }) => JSON.stringify(details),
  },
}
