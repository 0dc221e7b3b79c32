import { afterAll, beforeAll, expect, test } from '@jest/globals'
import pg from 'pg'
import { type Process, startProcess } from '../support/processes.ts'
import { askGateway } from '../support/raw.ts'
import {
  eventually,
  openTestSupergraph,
  type TestSupergraph,
  testEnvironment,
} from '../support/supergraph.ts'

// What is logged of people, at the level that says most, by the processes that know addresses, passwords and tokens.

let podium: TestSupergraph
let processes: Process[]
let database: pg.Client
beforeAll(async () => {
  const environment = await testEnvironment()
  const env = { ...environment.env, LOG_LEVEL: 'debug', APP_URL: 'https://app.example' }
  const start = (name: string) =>
    startProcess('subgraphs/main.ts', [name], { ...env, [`${name.toUpperCase()}_PORT`]: '0' })
  processes = await Promise.all([start('users'), start('notifications')])
  const [users, notifications] = processes
  podium = await openTestSupergraph(
    { USERS_URL: users?.url ?? '', NOTIFICATIONS_URL: notifications?.url ?? '' },
    Promise.resolve(environment),
  )
  database = new pg.Client({ connectionString: podium.databaseUrl })
  await database.connect()
}, 60_000)
afterAll(async () => {
  await database.end()
  for (const one of processes) await one.end('SIGTERM')
  await podium.close()
})

const logged = () => processes.map(({ said }) => said()).join('\n')

type SignedIn = { session: { accessToken: string; refreshToken: string } }

const WRONG = 'a password of nobody'

const logIn =
  'mutation ($input: LogInInput!) { logIn(input: $input) { session { accessToken refreshToken } userErrors { code } } }'
const signUp = 'mutation ($input: SignUpInput!) { signUp(input: $input) { userErrors { code } } }'
const refresh =
  'mutation ($token: String!) { refreshSession(refreshToken: $token) { session { accessToken } userErrors { code } } }'
const reset =
  'mutation ($email: EmailAddress!) { requestPasswordReset(email: $email) { userErrors { code } } }'
const redeem =
  'mutation ($token: String!, $newPassword: String!) { resetPassword(token: $token, newPassword: $newPassword) { userErrors { code } } }'
const makeKey =
  'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret userErrors { code } } }'

test('the log has neither addresses nor passwords nor tokens, whatever works and whatever breaks', async () => {
  const ada = await podium.person('Ada')
  const { email, password } = ada
  const { session } = await podium.client.mutate<SignedIn>(logIn, { input: { email, password } })
  const { secret } = await ada.mutate<{ secret: string }>(makeKey, {
    input: { name: 'A bot', scopes: ['account:read'] },
  })
  const newPassword = 'orange harbour before noon'
  const link = 'x'.repeat(43)
  await useAll()
  await eventually(
    async () => (await fetch(new URL('/outbox.json', podium.url))).text(),
    (outbox) => outbox.includes('Choose another password'),
  )
  // From here on each of these fails with the parameters of a query.
  await database.query('alter table users.people rename to people_away')
  await useAll()
  await eventually(
    async () => logged(),
    (log) => log.includes('password_reset.requested'),
  )
  expect(logged()).toMatch(/relation \\"users\.people\\" does not exist/)
  for (const held of [
    email,
    'ada.',
    password,
    'wrong',
    newPassword,
    link,
    secret,
    ada.token,
    ...Object.values(session),
  ]) {
    // biome-ignore format: one list
    expect(logged().toLowerCase().includes(held.toLowerCase())).toBe(false)
  }

  async function useAll(): Promise<void> {
    const ask = (query: string, variables: object, token?: string) =>
      askGateway(podium.url, query, variables, token)
    await ask(logIn, { input: { email, password: WRONG } })
    await ask(logIn, { input: { email, password } })
    await ask(signUp, { input: { email, password, displayName: 'Ada' } })
    await ask(refresh, { token: session.refreshToken })
    await ask(reset, { email })
    await ask(redeem, { token: link, newPassword })
    for (const token of [ada.token, secret, session.accessToken, `${ada.token}x`]) {
      await ask('{ viewer { email } }', {}, token)
    }
  }
}, 120_000)
