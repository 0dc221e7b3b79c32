import { expect, test } from '@jest/globals'
import { ConfigError } from './environment.ts'
import { readAppUrl, readMailSettings } from './mail-settings.ts'

const production = {}
const development = { NODE_ENV: 'development' }

const mail = (env: NodeJS.ProcessEnv) => readMailSettings(env, 'notifications')

function faultsOf(read: () => unknown): readonly string[] {
  try {
    read()
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
  return []
}

const namesOf = (read: () => unknown) => faultsOf(read).map((fault) => fault.slice(0, fault.indexOf(':')))

test('without a server mails go to the outbox in development, and production does not start', () => {
  expect(mail(development)).toEqual({ kind: 'outbox' })
  expect(faultsOf(() => mail(production))).toEqual([
    expect.stringMatching(/^SMTP_URL: is missing: set it to/),
  ])
  expect(mail({ SMTP_URL: 'off' })).toEqual({ kind: 'off' })
  expect(mail({ ...development, SMTP_URL: 'off' })).toEqual({ kind: 'off' })
})

test('only the subgraph that sends mails is asked how', () => {
  for (const name of ['users', 'fitness'] as const) {
    expect(readMailSettings(production, name)).toEqual({ kind: 'off' })
  }
})

test('a server is read from its URL', () => {
  const from = { name: 'Podium', address: 'podium@app.example' }
  const MAIL_FROM = 'Podium <podium@app.example>'
  expect(mail({ SMTP_URL: 'smtps://us%40er:p%3Ass@smtp.example:2465', MAIL_FROM })).toEqual({
    kind: 'smtp',
    host: 'smtp.example',
    port: 2465,
    tls: 'implicit',
    credentials: { user: 'us@er', pass: 'p:ss' },
    from,
  })
  expect(mail({ SMTP_URL: 'smtp://smtp.example', MAIL_FROM: 'podium@app.example' })).toMatchObject({
    port: null,
    credentials: null,
    from: { name: '', address: 'podium@app.example' },
  })
  expect(mail({ SMTP_URL: 'smtp://[::1]:25', MAIL_FROM })).toMatchObject({ host: '::1', port: 25 })
})

test.each([
  ['smtp://smtp.example', 'required'],
  ['smtp://8.8.8.8:587', 'required'],
  ['smtp://127.0.0.1:1025', 'offered'],
  ['smtp://mailpit:1025', 'offered'],
  ['smtp://10.0.0.7', 'offered'],
  ['smtps://10.0.0.7', 'implicit'],
])('of %s TLS is %s, wherever it runs', (SMTP_URL, tls) => {
  for (const env of [production, development]) {
    expect(mail({ ...env, SMTP_URL, MAIL_FROM: 'podium@app.example' })).toMatchObject({ tls })
  }
})

test.each([
  'smtp.example',
  'http://smtp.example',
  'smtp://',
  'smtp://user:hunter2@',
  'smtp://user:hunter2@smtp.example/path',
  'smtps://user:hunter2@smtp.example?tls.rejectUnauthorized=false',
  'smtp://user:%E0%A4hunter2@smtp.example',
])('%s is no server, and what is wrong is told without its password', (SMTP_URL) => {
  const faults = faultsOf(() => mail({ SMTP_URL, MAIL_FROM: 'podium@app.example' }))
  expect(faults).toEqual([expect.stringMatching(/^SMTP_URL: must be/)])
  expect(faults.join()).not.toContain('hunter2')
})

test.each(['Podium', 'a@b, c@d', 'Podium <a@b', 'x\r\nBcc: <a@b>', '"Podium" <a@b>', '<a b@c>', ''])(
  'mails do not come from %j',
  (MAIL_FROM) => {
    expect(namesOf(() => mail({ SMTP_URL: 'smtp://127.0.0.1', MAIL_FROM }))).toEqual(['MAIL_FROM'])
  },
)

test('links lead to the gateway in development, and where it is said in production', () => {
  expect(readAppUrl(development, 'users')).toBe('http://127.0.0.1:4000')
  expect(readAppUrl({ ...development, PORT: '4010' }, 'users')).toBe('http://127.0.0.1:4010')
  expect(readAppUrl({ APP_URL: 'https://app.example/podium/' }, 'users')).toBe('https://app.example/podium')
  expect(readAppUrl({ APP_URL: 'http://localhost:3000' }, 'users')).toBe('http://localhost:3000')
  expect(namesOf(() => readAppUrl(production, 'users'))).toEqual(['APP_URL'])
  expect(namesOf(() => readAppUrl(production, 'fitness'))).toEqual([])
})

test.each([
  'http://app.example',
  'app.example',
  'javascript:alert(1)',
  'https://app.example/?a=b',
  'https://a@b.example',
  'https://app.example/#x',
])('links do not lead to %s in production', (APP_URL) => {
  expect(namesOf(() => readAppUrl({ APP_URL }, 'users'))).toEqual(['APP_URL'])
})
