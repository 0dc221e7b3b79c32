import { randomUUID } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { silent } from '../../../test/support/stores.ts'
import type { Outcome } from './mail.ts'
import { withBreaker } from './mail-breaker.ts'

const now = new Date('2026-05-01T08:00:00Z')
const mail = {
  id: randomUUID(),
  userId: randomUUID(),
  to: 'ada@example.com',
  subject: '',
  text: '',
  html: '',
}

/** A transport whose server gives what a test says, and how often it was asked. */
function open(outcome: Outcome, pause: number) {
  const server = { outcome, asked: 0 }
  const transport = {
    async send() {
      server.asked += 1
      return server.outcome
    },
    close() {},
  }
  return { server, transport: withBreaker(transport, { logger: silent, failures: 3, pause }) }
}

test('a server that does not answer is left alone, while mails wait', async () => {
  const { server, transport } = open({ status: 'WAITING', reason: 'ETIMEDOUT' }, 60_000)
  for (let n = 0; n < 10; n++) expect((await transport.send(mail, now)).status).toBe('WAITING')
  expect(server.asked).toBe(3)
})

test('it is asked again after a while', async () => {
  const { server, transport } = open({ status: 'WAITING', reason: 'ECONNECTION' }, 0)
  for (let n = 0; n < 5; n++) await transport.send(mail, now)
  server.outcome = { status: 'SENT' }
  while ((await transport.send(mail, now)).status !== 'SENT') await new Promise(setImmediate)
  expect(await transport.send(mail, now)).toEqual({ status: 'SENT' })
})

test.each([
  { status: 'WAITING', reason: '450 4.2.0' },
  { status: 'FAILED', reason: '550' },
] as Outcome[])('one that answers with %o is there', async (outcome) => {
  const { server, transport } = open(outcome, 60_000)
  for (let n = 0; n < 10; n++) expect(await transport.send(mail, now)).toEqual(outcome)
  expect(server.asked).toBe(10)
})
