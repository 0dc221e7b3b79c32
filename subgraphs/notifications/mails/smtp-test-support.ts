import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import PostalMime, { type Email } from 'postal-mime'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import type { SmtpSettings } from '../../../platform/settings/mail-settings.ts'

/** A mail that a server took, as whoever receives it reads it. */
export type TakenMail = Email & { raw: string; mailFrom: string; recipients: string[] }

/** Refuses a command as a server does. */
export function reply(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode })
}

/**
 * A mail server that holds every mail to what RFC 5321 and 5322 ask, and that tests make fail: what `atRecipient` or `atData`
 * returns is what it refuses with.
 */
export async function openSmtpServer(options: SMTPServerOptions = {}) {
  const taken: TakenMail[] = []
  const faults = {
    atRecipient: (_address: string): Error | undefined => undefined,
    atData: (): Error | undefined => undefined,
  }
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    closeTimeout: 100, // ms
    onRcptTo: ({ address }, _, done) => done(faults.atRecipient(address)),
    async onData(stream, { envelope }, done) {
      const raw = await text(stream)
      const fault = faults.atData() ?? faultOf(raw)
      if (fault) return done(fault)
      const mailFrom = envelope.mailFrom ? envelope.mailFrom.address : ''
      const recipients = envelope.rcptTo.map(({ address }) => address)
      taken.push({ ...(await PostalMime.parse(raw)), raw, mailFrom, recipients })
      done()
    },
    ...options,
  })
  server.on('error', () => {}) // of a connection that its client has left
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const address = server.server.address()
  if (address === null || typeof address === 'string') throw new Error('it listens on no port')
  const settings: SmtpSettings = {
    kind: 'smtp',
    host: '127.0.0.1',
    port: address.port,
    tls: 'offered',
    credentials: null,
    from: { name: 'Podium', address: 'podium@app.example' },
  }
  return {
    settings,
    /** What it took, in turn. */
    taken,
    faults,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}

export type TestSmtpServer = Awaited<ReturnType<typeof openSmtpServer>>

function faultOf(raw: string): Error | undefined {
  const head = raw.slice(0, raw.indexOf('\r\n\r\n'))
  const names = [...head.matchAll(/^([\w-]+):/gm)].map(([, name = '']) => name.toLowerCase())
  for (const name of ['from', 'to', 'subject', 'date', 'message-id', 'mime-version']) {
    if (names.filter((one) => one === name).length !== 1) return reply(554, `${name} is not there once`)
  }
  if (/[^\r]\n|\r[^\n]/.test(raw)) return reply(554, 'lines end with CR and LF')
  if (/[^\0-\x7f]|\0/.test(raw)) return reply(554, 'there is more than ASCII in it')
  return raw.split('\r\n').some((line) => line.length > 998) ? reply(554, 'a line is too long') : undefined
}
