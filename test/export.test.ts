import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Life, live, servedBy } from './support/a-life.ts'
import { readArchive } from './support/archive.ts'
import {
  eventually,
  openTestSupergraph,
  type Person,
  settled,
  type TestSupergraph,
} from './support/supergraph.ts'

let podium: TestSupergraph
let life: Life
let downloadUrl: string
let files: Map<string, string>
beforeAll(async () => {
  podium = await openTestSupergraph()
  life = await live(podium)
  await verifyAddress(life.ada)
  const asked = await life.ada.mutate<{ downloadUrl: string }>(exportMyData)
  downloadUrl = asked.downloadUrl
  const answer = await eventually(
    () => fetch(servedBy(podium, downloadUrl)),
    ({ status }) => status === 200,
  )
  files = await readArchive(Buffer.from(await answer.arrayBuffer()))
  await settled(podium.queue)
}, 180_000)
afterAll(() => podium.close())

const exportMyData = 'mutation { exportMyData { downloadUrl userErrors { code message field } } }'

type Line = { kind: string; data: Record<string, unknown> }

const linesOf = (subgraph: string): Line[] =>
  (files.get(`${subgraph}.jsonl`) ?? '').split('\n').flatMap((line) => (line ? JSON.parse(line) : []))

const some = (subgraph: string, kind: string) =>
  linesOf(subgraph).flatMap((line) => (line.kind === kind ? [line.data] : []))

test('the archive has what users holds: the account, where it is signed in, its keys, and what was done to it', () => {
  const { ada, apiKeyId } = life
  expect(some('users', 'profile')).toEqual([
    expect.objectContaining({
      id: ada.id,
      email: ada.email,
      displayName: ada.name,
      bio: 'Keeps bees in Porvoo.',
    }),
  ])
  expect(some('users', 'session').length).toBeGreaterThan(0)
  expect(some('users', 'apiKey')).toEqual([expect.objectContaining({ id: apiKeyId, name: 'hive scales' })])
  expect(some('users', 'outsideIdentity')).toEqual([
    expect.objectContaining({ issuer: 'https://issuer.example', subject: 'the beekeeper at the issuer' }),
  ])
  expect(some('users', 'upload')).toHaveLength(2)
  expect(files.get('avatar.webp')).toMatch(/^RIFF.{0,8}WEBP/s)
  expect(some('users', 'export')).toHaveLength(1)
})

test('of what administrators did to the account it tells what and when, and not who they are', () => {
  const adjusted = some('users', 'auditEntry').find(({ action }) => action === 'leaderboard.score_adjusted')
  expect(adjusted).toMatchObject({
    actorId: null,
    details: { delta: -50, reason: 'Adelheid rode a tractor.' },
  })
  const made = some('users', 'auditEntry').find(({ action }) => action === 'api_key.created')
  expect(made).toMatchObject({ actorId: life.ada.id })
})

test('the archive has what the others hold: competitions, standings, activity, and what was told', () => {
  const { ada, competitions } = life
  expect(
    some('competitions', 'organizedCompetition')
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['Nobody came', 'Round the lake', 'Secret garden'])
  expect(some('competitions', 'participation')).toHaveLength(4)
  expect(some('competitions', 'invitation')).toEqual([
    expect.objectContaining({ competitionId: competitions.led }),
  ])
  expect(some('leaderboard', 'standing')).toContainEqual(
    expect.objectContaining({
      competitionId: competitions.running,
      userId: ada.id,
      adjustment: -50,
      score: 850,
    }),
  )
  expect(some('leaderboard', 'finalStanding')).toEqual([
    expect.objectContaining({ competitionId: competitions.over, rank: 2, score: 900 }),
  ])
  expect(some('fitness', 'device')).toEqual([expect.objectContaining({ id: 'watch of the beekeeper' })])
  expect(some('fitness', 'record')).toEqual([expect.objectContaining({ metric: 'STEPS', value: 900 })])
  expect(some('fitness', 'workout')).toHaveLength(1)
  expect(some('fitness', 'quarterHour')).toHaveLength(4)
  expect(some('fitness', 'score')).toHaveLength(4)
  expect(some('notifications', 'notification').map(({ title }) => title)).toContain(
    'Bertil Sund overtook you',
  )
  expect(some('notifications', 'email').length).toBeGreaterThan(0)
})

test("the archive has nothing of another person's but their name in what was told", () => {
  for (const [name, content] of files) {
    for (const trace of life.tracesOfBob) expect([name, content.includes(trace)]).toEqual([name, false])
  }
  const named = [...files].flatMap(([, content]) =>
    content.split('\n').filter((line) => line.includes('Bertil')),
  )
  expect(named.map((line) => JSON.parse(line).kind)).toEqual(named.map(() => 'notification'))
})

test('the archive has no secret', () => {
  const all = [...files.values()].join('\n')
  expect(all).not.toMatch(/\$argon2|[hH]ash"/)
  expect(all).not.toContain(life.code)
})

test('its README says what every kind of line is', () => {
  const readme = files.get('README.txt') ?? ''
  for (const [name, content] of files) {
    if (!name.endsWith('.jsonl')) continue
    const section = readme.slice(readme.indexOf(`\n${name}\n`)).split('\n\n')[0] ?? ''
    const kinds = new Set(content.split('\n').flatMap((line) => (line ? JSON.parse(line).kind : [])))
    expect([...kinds].filter((kind) => !section.includes(`"${kind}"`))).toEqual([])
  }
})

test('its owner is told in the feed, and mailed the link', async () => {
  const { viewer } = await life.ada.send<{ viewer: { notifications: { edges: { node: object }[] } } }>(
    '{ viewer { notifications(first: 1) { edges { node { category title } } } } }',
  )
  expect(viewer.notifications.edges[0]?.node).toEqual({ category: 'SECURITY', title: 'Your data is ready' })
  const mails = await mailsTo(life.ada)
  expect(mails.some(({ text }) => text.includes(new URL(downloadUrl).pathname))).toBe(true)
})

test('there is one export a day', async () => {
  expect(await codesOf(life.ada)).toEqual(['CONFLICT'])
  expect(await codesOf(life.bob)).toEqual([])
})

test('after seven days the archive is gone', async () => {
  const folder = join(podium.env.OBJECT_STORE ?? '', 'exports')
  await settled(podium.queue)
  expect((await readdir(folder)).filter((name) => name.endsWith('.zip'))).toHaveLength(2)
  await podium.passTo(new Date(podium.now().getTime() + 7 * 86_400_000 + 60_000))
  await settled(podium.queue)
  expect(await readdir(folder)).toEqual([])
  expect((await fetch(servedBy(podium, downloadUrl))).status).toBeGreaterThanOrEqual(400)
})

/** What developers read in the place of mails. */
async function mailsTo({ email }: Person): Promise<{ text: string }[]> {
  const outbox = await fetch(new URL('/outbox.json', podium.subgraphs.notifications))
  const mails = (await outbox.json()) as { to: string; text: string }[]
  return mails.filter(({ to }) => to === email)
}

/** With the link that was sent there: to no other address is the archive’s mailed. */
async function verifyAddress(person: Person): Promise<void> {
  await settled(podium.queue)
  const tokens = (await mailsTo(person)).flatMap(
    ({ text }) => /verify-email\?token=([\w-]+)/.exec(text)?.slice(1) ?? [],
  )
  await person.mutate(
    'mutation ($token: String!) { verifyEmail(token: $token) { userErrors { code message field } } }',
    {
      token: tokens[0],
    },
  )
}

async function codesOf(person: Person): Promise<string[]> {
  const answer = await person.send<{ exportMyData: { userErrors: { code: string }[] } }>(exportMyData)
  return answer.exportMyData.userErrors.map(({ code }) => code)
}
