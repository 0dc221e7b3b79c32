import { randomUUID } from 'node:crypto'
import type { Publication } from '../../../platform/event-queue.ts'
import type { PersonRow } from '../tables.ts'

type Mail = Publication<'email.requested'>

export type AccountMails = ReturnType<typeof createAccountMails>

/** The mails about an account, to be published where their cause is. `appUrl` is where their links lead to. */
export function createAccountMails(appUrl: string) {
  const linkTo = (page: string, token: string) => `${appUrl}/${page}?${new URLSearchParams({ token })}`
  return {
    verification: (person: PersonRow, { token, expiresAt }: SentToken, now: Date): Mail =>
      mailTo(person, { kind: 'VERIFY_EMAIL', link: linkTo('verify-email', token), expiresAt }, now),
    passwordReset: (person: PersonRow, { token, expiresAt }: SentToken, now: Date): Mail =>
      mailTo(person, { kind: 'RESET_PASSWORD', link: linkTo('reset-password', token), expiresAt }, now),
    passwordChanged: (person: PersonRow, now: Date): Mail =>
      mailTo(person, { kind: 'PASSWORD_CHANGED', link: null }, now),
  }
}

type SentToken = { token: string; expiresAt: Date }

function mailTo(
  { id: userId, email: to }: PersonRow,
  about: { kind: Mail['payload']['kind']; link: string | null; expiresAt?: Date },
  now: Date,
): Mail {
  const { kind, link, expiresAt } = about
  return {
    name: 'email.requested',
    payload: {
      emailId: randomUUID(),
      userId,
      to,
      kind,
      link,
      at: now.toISOString(),
      ...(expiresAt && { expiresAt: expiresAt.toISOString() }),
    },
  }
}
