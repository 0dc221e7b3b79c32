import { refusable } from '../../platform/refusal.ts'
import { scalars } from '../../platform/scalars.ts'
import { personIn } from './access.ts'
import type { Administration } from './administration.ts'
import type { ApiKeyStore } from './api-keys/api-key-store.ts'
import type { AuditLog } from './audit.ts'
import type { Avatars } from './avatars/avatars.ts'
import type { UserDirectory } from './directory.ts'
import type { VerificationStore } from './emails/verification-store.ts'
import type { Resolvers } from './generated.ts'
import type { Loaders } from './loaders.ts'
import type { Erasure } from './privacy/erasure.ts'
import type { Exports } from './privacy/exports.ts'
import type { OutsideIdentities } from './sessions/outside-identities.ts'
import type { Sessions } from './sessions/sessions.ts'
import type { UserStore } from './store.ts'

export type Context = {
  users: Pick<UserStore, 'bySession' | 'updateProfile'>
  directory: UserDirectory
  sessions: Sessions
  verification: Pick<VerificationStore, 'verify'>
  apiKeys: ApiKeyStore
  outside: OutsideIdentities
  exports: Pick<Exports, 'request'>
  avatars: Pick<Avatars, 'urlOf' | 'request' | 'complete' | 'remove'>
  erase: Erasure
  administration: Administration
  audit: Pick<AuditLog, 'page'>
  load: Loaders
  now: () => Date
}

export const resolvers: Resolvers = {
  ...scalars,

  Query: {
    viewer: (_, __, { viewer, ...context }) => (viewer ? personIn(viewer, context) : null),
    async user(_, { id }, { viewer, load }) {
      const person = await load.person.load(id)
      if (!person || person.erasedAt) return null
      return (await load.profileShown.load({ person, viewer })) ? person : null
    },
    users: (_, args, { directory }) => directory.page(args),
    auditLog: (_, args, { audit }) => audit.page(args),
    apiKeyBearer: (_, { secretHash }, { apiKeys, now }) => apiKeys.bearer(secretHash, now()),
  },

  Mutation: {
    signUp: (_, { input }, { sessions }) =>
      refusable(async () => ({
        session: await sessions.signUp({ ...input, timeZone: input.timeZone ?? 'UTC' }),
      })),
    logIn: (_, { input }, { sessions }) => refusable(async () => ({ session: await sessions.logIn(input) })),
    refreshSession: (_, { refreshToken }, { sessions }) =>
      refusable(async () => ({ session: await sessions.refresh(refreshToken) })),
    signInFromIssuer: (_, { input }, { outside, now }) =>
      refusable(async () => ({ bearer: await outside.signIn(input, now()) })),
    logOut: (_, { sessionId }, { viewer, sessions }) =>
      done(() => sessions.logOut(viewer, sessionId ?? viewer.sessionId)),
    logOutEverywhereElse: (_, __, { viewer, sessions }) => done(() => sessions.logOutEverywhereElse(viewer)),
    changePassword: (_, passwords, { viewer, sessions, ...context }) =>
      done(async () => {
        const person = await personIn(viewer, context)
        await sessions.changePassword(person, { ...passwords, sessionId: viewer.sessionId })
      }),
    requestPasswordReset: (_, { email }, { sessions }) => done(() => sessions.requestPasswordReset(email)),
    resetPassword: (_, reset, { sessions }) =>
      refusable(async () => ({ session: await sessions.resetPassword(reset) })),
    requestEmailVerification: (_, __, { viewer, sessions }) =>
      done(() => sessions.requestEmailVerification(viewer)),
    verifyEmail: (_, { token }, { verification, now }) =>
      refusable(async () => ({ viewer: await verification.verify(token, now()) })),
    updateProfile: (_, { input }, { viewer, users }) =>
      refusable(async () => ({ viewer: await users.updateProfile(viewer.id, input) })),
    requestAvatarUpload: (_, { input }, { viewer, avatars }) =>
      refusable(async () => ({ upload: await avatars.request(viewer.id, input) })),
    completeAvatarUpload: (_, { uploadId }, { viewer, avatars }) =>
      refusable(async () => ({ viewer: await avatars.complete(viewer.id, uploadId) })),
    removeAvatar: (_, __, { viewer, avatars }) =>
      refusable(async () => ({ viewer: await avatars.remove(viewer.id) })),
    createApiKey: (_, { input }, { viewer, apiKeys, now }) =>
      refusable(() => apiKeys.create(viewer.id, input, now())),
    revokeApiKey: (_, { id }, { viewer, apiKeys, now }) => done(() => apiKeys.revoke(id, viewer.id, now())),
    exportMyData: (_, __, { viewer, exports }) => refusable(() => exports.request(viewer.id)),
    deleteMyAccount: (_, { password }, { viewer, erase, ...context }) =>
      done(async () => erase(viewer, await personIn(viewer, context), password)),
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
    avatarUrl: (person, { size }, { avatars }) => avatars.urlOf(person, size ?? 128),
    bio: async (person, _, { viewer, load }) =>
      (await load.profileShown.load({ person, viewer })) ? person.bio : null,
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
      return person?.suspendedAt || person?.erasedAt ? null : person
    },
    user: (person, _, { load }) => load.showOwn(person),
    emailVerified: ({ emailVerifiedAt }) => emailVerifiedAt !== null,
    apiKeys: ({ id }, _, { apiKeys, now }) => apiKeys.of(id, now()),
    sessions: ({ id }, _, { sessions }) => sessions.of(id),
  },

  VerifyEmailPayload: {
    // The token may be anybody's who has read the mail: it lets nobody see the account.
    viewer: ({ viewer: owner }, _, { viewer, users }) =>
      owner && viewer?.id === owner.id ? users.bySession(viewer.sessionId) : null,
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
