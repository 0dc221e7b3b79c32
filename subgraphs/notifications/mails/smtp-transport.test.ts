import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { SmtpSettings } from '../../../platform/settings/mail-settings.ts'
import type { Mail, MailTransport } from './mail.ts'
import { openSmtpServer, reply, type TestSmtpServer } from './smtp-test-support.ts'
import { createSmtpTransport } from './smtp-transport.ts'

const now = new Date('2026-05-01T08:00:00Z')

let server: TestSmtpServer
const transports: MailTransport[] = []
beforeEach(async () => {
  server = await openSmtpServer()
})
afterEach(async () => {
  for (const transport of transports.splice(0)) transport.close()
  await server.close()
})

function open(
  change: Partial<SmtpSettings> = {},
  ...patience: [{ connect: number; answer: number; mail: number }?]
) {
  const transport = createSmtpTransport({ ...server.settings, ...change }, ...patience)
  transports.push(transport)
  return transport
}

const mailOf = (change: Partial<Mail> = {}): Mail => ({
  id: randomUUID(),
  userId: randomUUID(),
  to: 'ada@example.com',
  subject: 'Verify your address',
  text: 'Hello Ada,\n',
  html: '<p>Hello Ada,</p>',
  ...change,
})

test('a mail arrives as it was written, from whom it is set, and under its own id', async () => {
  const mail = mailOf({ text: 'Grüße, Ada – 你好\n'.repeat(50), html: `<p>${'é'.repeat(2_000)}</p>` })
  expect(await open().send(mail, now)).toEqual({ status: 'SENT' })
  expect(server.taken).toMatchObject([
    {
      mailFrom: 'podium@app.example',
      recipients: ['ada@example.com'],
      from: { name: 'Podium', address: 'podium@app.example' },
      to: [{ address: 'ada@example.com' }],
      subject: mail.subject,
      messageId: `<${mail.id}@app.example>`,
    },
  ])
  const [taken] = server.taken
  expect([taken?.text?.trim(), taken?.html?.trim()]).toEqual([mail.text.trim(), mail.html])
  expect(taken?.headers).toContainEqual(
    expect.objectContaining({ key: 'auto-submitted', value: 'auto-generated' }),
  )
})

test.each([
  [450, '4.2.0 <ada@example.com> greylisted', '450 4.2.0', 'WAITING'],
  [421, 'not now', '421', 'WAITING'],
  [550, '5.1.1 <ada@example.com> unknown', '550 5.1.1', 'FAILED'],
  [552, 'ada is full', '552', 'FAILED'],
])(
  'of a recipient refused with %d %s is told %s and no address: it is %s',
  async (code, text, reason, status) => {
    server.faults.atRecipient = () => reply(code, text)
    expect(await open().send(mailOf(), now)).toEqual({ status, reason })
  },
)

test.each([
  [451, 'WAITING'],
  [554, 'FAILED'],
])('a mail that is refused with %d is %s, and the next is sent', async (code, status) => {
  server.faults.atData = () => reply(code, 'no')
  expect((await open().send(mailOf(), now)).status).toBe(status)
  server.faults.atData = () => undefined
  expect(await open().send(mailOf(), now)).toEqual({ status: 'SENT' })
})

test('a sender or a password that is refused is for an operator to put right: the mail waits', async () => {
  await server.close()
  server = await openSmtpServer({
    authMethods: ['PLAIN'],
    allowInsecureAuth: true,
    onAuth: ({ password }, _, done) => password === 'right' ? done(null, { user: 'podium' }) : done(reply(535, 'wrong')), // biome-ignore format: one call
    onMailFrom: (_, { user }, done) => done(user ? null : reply(553, 'who are you')),
  })
  const send = (pass: string | null) =>
    open({ credentials: pass === null ? null : { user: 'podium', pass } }).send(mailOf(), now)
  expect(await send('right')).toEqual({ status: 'SENT' })
  expect(await send('wrong')).toEqual({ status: 'WAITING', reason: '535' })
  expect((await send(null)).status).toBe('WAITING')
})

test('where TLS is required nothing is sent without it, and no password either', async () => {
  await server.close()
  const said: string[] = []
  server = await openSmtpServer({
    authMethods: ['PLAIN'],
    allowInsecureAuth: true,
    onAuth({ password }, _, done) {
      said.push(String(password))
      done(null, { user: 'podium' })
    },
  })
  const transport = open({ tls: 'required', credentials: { user: 'podium', pass: 'secret' } })
  expect((await transport.send(mailOf(), now)).status).toBe('WAITING')
  expect([said, server.taken]).toEqual([[], []])
})

test('a certificate that nobody vouches for is not taken', async () => {
  await server.close()
  server = await openSmtpServer({ disabledCommands: [], secure: false })
  expect(await open({ tls: 'required' }).send(mailOf(), now)).toMatchObject({ status: 'WAITING' })
  expect(server.taken).toEqual([])
})

test('a server that is away, that says nothing, or that answers in trickles is not waited for', async () => {
  const trickling = createServer((socket) => {
    socket.on('error', () => {})
    const timer = setInterval(() => socket.write('220-'), 5)
    socket.on('close', () => clearInterval(timer))
  }).listen(0, '127.0.0.1')
  const silent = createServer((socket) => socket.on('error', () => {}).resume()).listen(0, '127.0.0.1')
  await Promise.all([once(trickling, 'listening'), once(silent, 'listening')])
  const ports = [trickling, silent].map((one) => (one.address() as AddressInfo).port)
  const patience = { connect: 300, answer: 300, mail: 400 } // ms
  for (const port of [...ports, 1]) {
    const outcome = await open({ port }, patience).send(mailOf(), now)
    expect(outcome).toEqual({ status: 'WAITING', reason: expect.stringMatching(/^E[A-Z]+$/) })
  }
  for (const one of [trickling, silent]) one.close()
})

test.each([
  'ada@example.com\r\nBcc: eve@example.com',
  'ada@example.com>\r\nRCPT TO:<eve@example.com',
  '',
  'ada',
])('an address that is none, such as %j, reaches nobody', async (to) => {
  expect((await open().send(mailOf({ to }), now)).status).toBe('FAILED')
  expect(server.taken).toEqual([])
})

test('nothing in a mail adds to its headers', async () => {
  const lines = 'x\r\nBcc: eve@example.com\r\n\r\nread this'
  expect(await open().send(mailOf({ subject: lines, text: lines, html: lines }), now)).toEqual({
    status: 'SENT',
  })
  const [taken] = server.taken
  expect(taken?.headers.map(({ key }) => key)).not.toContain('bcc')
  expect(taken?.recipients).toEqual(['ada@example.com'])
})

test('an address with a comma is one address', async () => {
  const to = '"ada,eve@example.com"@example.org'
  await open().send(mailOf({ to }), now)
  expect(server.taken.flatMap(({ recipients }) => recipients)).not.toContain('eve@example.com')
})
