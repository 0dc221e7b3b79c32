import { anyone } from '../../platform/access.ts'
import { TOLD, tellEndedSessions } from '../../platform/ended-sessions.ts'
import { createGathering } from '../../platform/export.ts'
import { serveFolder } from '../../platform/object-store/serve-folder.ts'
import type { Resources } from '../../platform/resources.ts'
import { defineSubgraph, type Subgraph } from '../../platform/subgraph.ts'
import { administrators, gatewaysAlone, inForce, inSession } from './access.ts'
import { createAdministration } from './administration.ts'
import { createApiKeyStore } from './api-keys/api-key-store.ts'
import { createAuditLog } from './audit.ts'
import { createAvatarStore } from './avatars/avatar-store.ts'
import { createAvatars } from './avatars/avatars.ts'
import { createCompetitorStore } from './competitor-store.ts'
import { createUserDirectory } from './directory.ts'
import { createAccountMails } from './emails/account-mails.ts'
import { createMailLimit } from './emails/mail-limit.ts'
import { createVerificationStore } from './emails/verification-store.ts'
import { createLoaders } from './loaders.ts'
import { createAttempts } from './passwords/attempts.ts'
import { createPasswordResetStore } from './passwords/password-reset-store.ts'
import { createPasswordStore } from './passwords/password-store.ts'
import { createErasure } from './privacy/erasure.ts'
import { createErasureStore } from './privacy/erasure-store.ts'
import { createExportStore } from './privacy/export-store.ts'
import { createExports } from './privacy/exports.ts'
import { personalData } from './privacy/personal-data.ts'
import { type Context, resolvers } from './resolvers.ts'
import { createOutsideIdentities } from './sessions/outside-identities.ts'
import { createSessionStore } from './sessions/session-store.ts'
import { createSessions } from './sessions/sessions.ts'
import { createTokenIssuer } from './sessions/tokens.ts'
import { createSigningKeyStore } from './signing-keys/signing-key-store.ts'
import { openSigningKeys } from './signing-keys/signing-keys.ts'
import { createUserStore } from './store.ts'

/** Opens the users subgraph: who people are, how they sign in, and what they may do. */
export async function openUsers({ config, db, redis, objects, logger, now }: Resources): Promise<Subgraph> {
  const mails = createAccountMails(config.appUrl)
  const users = createUserStore(db, mails)
  const sessions = createSessionStore(db, config.secret)
  const passwords = createPasswordStore(db, mails)
  const resets = createPasswordResetStore(db, mails)
  const verification = createVerificationStore(db, mails)
  const apiKeys = createApiKeyStore(db, logger)
  const outside = createOutsideIdentities(db)
  const attempts = createAttempts(redis, logger)
  const mayMail = createMailLimit(redis, logger)
  const competitors = createCompetitorStore(db)
  const erasures = createErasureStore(db)
  const gather = createGathering({ db, objects, subgraph: 'users', personalData })
  const exports = createExports(createExportStore(db), objects, now)
  const avatars = createAvatars({ store: createAvatarStore(db), objects, now })
  const directory = createUserDirectory(db)
  const administration = createAdministration(db)
  const audit = createAuditLog(db)
  const keyStore = createSigningKeyStore(db, config.secret)
  const keepKeys = () => keyStore.keep(now(), config.signingKeyDays * 86_400_000)
  await keepKeys()
  const keys = await openSigningKeys({ store: keyStore, secret: config.secret, now, logger })
  const issue = createTokenIssuer(keys)
  return defineSubgraph<Context>({
    name: 'users',
    resolvers,
    access: {
      User: anyone,
      'Query.users': administrators,
      'Query.auditLog': administrators,
      'Query.apiKeyBearer': gatewaysAlone,
      'Mutation.signInFromIssuer': gatewaysAlone,
      'Mutation.logOut': inSession,
      'Mutation.logOutEverywhereElse': inSession,
      'Mutation.changePassword': inSession,
      'Mutation.requestEmailVerification': inSession,
      'Mutation.updateProfile': inForce,
      'Mutation.requestAvatarUpload': inForce,
      'Mutation.completeAvatarUpload': inForce,
      'Mutation.removeAvatar': inForce,
      'Mutation.createApiKey': inSession,
      'Mutation.revokeApiKey': inSession,
      'Mutation.exportMyData': inSession,
      'Mutation.deleteMyAccount': inSession,
      'Mutation.setUserRole': administrators,
      'Mutation.suspendUser': administrators,
      'Mutation.unsuspendUser': administrators,
    },
    context: (request) => ({
      users,
      directory,
      sessions: createSessions(
        { users, sessions, passwords, resets, verification, attempts, mayMail, issue, now },
        request,
      ),
      apiKeys,
      outside,
      exports,
      avatars,
      erase: createErasure({ store: erasures, passwords, attempts, now }, request),
      verification,
      administration,
      audit,
      load: createLoaders(users, competitors),
      now,
    }),
    handlers: {
      'audit.recorded': audit.record,
      'participant.joined': (participation) => competitors.save(participation, true),
      'participant.left': (participation) => competitors.save(participation, false),
      'password_reset.requested': resets.send,
      async 'export.requested'(event) {
        const [person] = await users.byIds([event.userId])
        const picture = person && (await avatars.largest(person))
        if (picture) await exports.addPicture(event.exportId, picture)
        await gather(event)
      },
      'export.gathered': exports.gathered,
      'export.expired': exports.expired,
      'user.erased': async ({ userId }) => {
        await erasures.deleteSessions(userId)
        await avatars.forget(userId)
      },
      'sessions.ended': ({ sessionIds, at }) =>
        tellEndedSessions(redis, { sessionIds, until: new Date(at).getTime() + TOLD }),
      'signing_keys.due': keepKeys,
    },
    routes(app) {
      app.get('/.well-known/jwks.json', keys.jwks)
      if (config.objects.kind === 'folder')
        serveFolder(app, config.objects, { secret: config.secret, now, logger })
    },
  })
}
