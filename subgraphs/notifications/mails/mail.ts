/** A mail as it goes out. */
export type Mail = {
  /** The same each time that it is sent, so that a second copy can be told. */
  id: string
  userId: string
  to: string
  subject: string
  text: string
  html: string
}

/** What became of a mail. One that is WAITING is to be sent again; the others are final. */
export type Outcome = { status: 'SENT' } | { status: 'WAITING' | 'FAILED' | 'NOT_SENT'; reason: string }

/** What mails go out by. Never rejects for what the other side does: that is an outcome. */
export type MailTransport = {
  send(mail: Mail, now: Date): Promise<Outcome>
  close(): void
}
