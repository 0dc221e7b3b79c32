import { refusable } from '../../platform/refusal.ts'
import { scalars } from '../../platform/scalars.ts'
import { personIn } from './access.ts'
import type { Administration } from './administration.ts'
import type { AuditLog } from './audit.ts'
import type { UserDirectory } from './directory.ts'
import type { Resolvers } from './generated.ts'
import type { Loaders } from './loaders.ts'
import type { Sessions } from './sessions.ts'
import type { UserStore } from './store.ts'

export type Context = {
  users: Pick<UserStore, 'bySession' | 'updateProfile'>
  directory: UserDirectory
  sessions: Sessions
  administration: Administration
  audit: Pick<AuditLog, 'page'>
  load: Loaders
  now: () => Date
}

export const resolvers: Resolvers = {
  ...scalars,

  Query: {
    viewer: (_, __, { viewer, users }) => (viewer ? personIn(viewer, { users }) : null),
    user: (_, { id }, { load }) => load.person.load(id),
    users: (_, args, { directory }) => directory.page(args),
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
    logOut: (_, { sessionId }, { viewer, sessions }) =>
      done(() => sessions.logOut(viewer, sessionId ?? viewer.sessionId)),
    logOutEverywhereElse: (_, __, { viewer, sessions }) => done(() => sessions.logOutEverywhereElse(viewer)),
    changePassword: (_, passwords, { viewer, users, sessions }) =>
      done(async () => {
        const person = await personIn(viewer, { users })
        await sessions.changePassword(person, { ...passwords, sessionId: viewer.sessionId })
      }),
    updateProfile: (_, { input }, { viewer, users }) =>
      refusable(async () => ({ viewer: await users.updateProfile(viewer.id, input) })),
    setUserRole: (_, act, { viewer, administration, now }) =>
      refusable(async () => ({ user: await administration.setRole({ ...act, actorId: viewer.id }, now()) })),
    suspendUser: (_, act, { viewer, administration, now }) =>
      refusable(async () => ({ user: await administration.suspend({ ...act, actorId: viewer.id }, now()) })),
    unsuspendUser: (_, act, { viewer, administration, now }) =>
      refusable(async () => ({
        user: await administration.unsuspend({ ...act, actorId: viewer.id }, now()),
      })),
  },

  User: {
    __resolveReference: ({ id }, { load }) => load.person.load(id),
  },

  UserEdge: {
    email: ({ node }) => node.email,
    role: ({ node }) => node.role,
    suspendedAt: ({ node }) => node.suspendedAt,
    suspensionReason: ({ node }) => node.suspensionReason,
  },

  Viewer: {
    async __resolveReference({ id }, { load }) {
      const person = await load.person.load(id)
      return person?.suspendedAt ? null : person
    },
    user: (person) => person,
    sessions: ({ id }, _, { sessions }) => sessions.of(id),
  },

  Session: {
    current: ({ id }, _, { viewer }) => id === viewer?.sessionId,
  },

  AuditEntry: {
    actor: ({ actorId }, _, { load }) => (actorId ? load.person.load(actorId) : null),
    details: ({ details }) => JSON.stringify(details),
  },
}

/** For what has nothing to answer but refusals. */
const done = (call: () => Promise<void>) =>
  refusable(async () => {
    await call()
    return {}
  })
