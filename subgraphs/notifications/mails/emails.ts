import type { EventPayload } from '../../../platform/events.ts'
import type { Logger } from '../../../platform/logger.ts'
import type { ProjectionStore } from '../projection-store.ts'
import type { EmailStore } from './email-store.ts'
import { emailText } from './email-text.ts'
import type { MailTransport, Outcome } from './mail.ts'

type Requested = EventPayload<'email.requested'>

/**
 * Sends the mails that are requested, each once: again only where it is not known that it went out, and then under the
 * same Message-ID. Throws where it is to be tried again.
 */
export function createEmails(parts: {
  store: EmailStore
  projections: Pick<ProjectionStore, 'nameOf'>
  transport: MailTransport
  logger: Logger
  now: () => Date
}) {
  const { store, projections, transport, logger, now } = parts

  return async (email: Requested): Promise<void> => {
    if (!(await store.begin(email, now()))) return
    const outcome = await send(email)
    await store.note(email.emailId, outcome)
    if (outcome.status === 'SENT') return
    const { emailId, kind } = email
    if (outcome.status === 'WAITING') throw new Error(`a mail has not gone out: ${outcome.reason}`)
    logger[outcome.status === 'FAILED' ? 'warn' : 'info']({ emailId, kind, ...outcome }, 'a mail is not sent')
  }

  async function send({ emailId, userId, to, kind, link, at, expiresAt }: Requested): Promise<Outcome> {
    if (expiresAt && new Date(expiresAt) <= now()) {
      return { status: 'NOT_SENT', reason: 'its link is over' }
    }
    const name = await projections.nameOf(userId)
    const lifetime = expiresAt ? new Date(expiresAt).getTime() - new Date(at).getTime() : null
    return transport.send({ id: emailId, userId, to, ...emailText({ kind, name, link, lifetime }) }, now())
  }
}

export type Emails = ReturnType<typeof createEmails>
