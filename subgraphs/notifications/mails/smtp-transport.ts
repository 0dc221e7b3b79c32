import { createTransport, type NodemailerError } from 'nodemailer'
import type { SmtpSettings } from '../../../platform/settings/mail-settings.ts'
import type { MailTransport, Outcome } from './mail.ts'

/** How long a server may take. */
const limits = {
  /** To be reached, and to greet. */
  connect: 5_000, // ms
  /** To answer a command. */
  answer: 10_000, // ms
  /** For a mail as a whole: one that answers in trickles outlasts the others. */
  mail: 30_000, // ms
}

/** How many mails go out at once. */
const CONNECTIONS = 3

/** Sends over SMTP. `patience` is what tests set instead of the limits, which are too long to wait for. */
export function createSmtpTransport(settings: SmtpSettings, patience = limits): MailTransport {
  const { host, port, tls, credentials, from } = settings
  const pool = createTransport({
    pool: true,
    maxConnections: CONNECTIONS,
    // The queue tries again, which knows of mails that may have gone out.
    maxRequeues: 0,
    host,
    ...(port !== null && { port }),
    secure: tls === 'implicit',
    requireTLS: tls === 'required',
    ...(credentials && { auth: credentials }),
    connectionTimeout: patience.connect,
    greetingTimeout: patience.connect,
    dnsTimeout: patience.connect,
    socketTimeout: patience.answer,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  const domain = from.address.slice(from.address.indexOf('@') + 1)

  return {
    async send({ id, to, subject, text, html }) {
      try {
        await pool.sendMail({
          from,
          // Not as text, in which a comma would begin another address.
          to: { name: '', address: to },
          subject,
          text,
          html,
          messageId: `<${id}@${domain}>`,
          headers: { 'auto-submitted': 'auto-generated' },
          signal: AbortSignal.timeout(patience.mail),
        })
        return { status: 'SENT' }
      } catch (error) {
        return outcomeOf(error)
      }
    },
    close: () => pool.close({ force: true }),
  }
}

/** What an error means for its mail: it is final where it is the recipient or the mail itself that is refused. */
function outcomeOf(error: unknown): Outcome {
  // What sendMail rejects with.
  const { code, command, permanent, response = '' } = error as NodemailerError
  // Whatever else a server says may have the address in it.
  const [reason = code ?? 'unknown'] = /^\d{3}(?:[ -]\d\.\d{1,3}\.\d{1,3})?/.exec(response) ?? []
  const refusesMail = command === 'RCPT TO' || command === 'DATA'
  // An address that nobody can be reached under: nodemailer does not even ask.
  const isNoAddress = code === 'EENVELOPE' && command === 'API'
  return { status: (permanent && refusesMail) || isNoAddress ? 'FAILED' : 'WAITING', reason }
}
