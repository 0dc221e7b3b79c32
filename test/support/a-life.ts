import { randomUUID } from 'node:crypto'
import pg from 'pg'
import sharp from 'sharp'
import { hour, join, openCompetition, quarter, sync } from './operations.ts'
import { createPerson, eventually, type Person, settled, type TestSupergraph } from './supergraph.ts'

const HOUR = 3_600_000 // ms

const USER_ERRORS = 'userErrors { code message field }'

/** What a person leaves behind in every part of the service: all of it can be found by these texts. */
export type Life = Awaited<ReturnType<typeof live>>

/**
 * A person who uses all that there is, beside another one: a competition that is over, one that runs, one that has not
 * started, a draft, and one of their own that nobody else is in.
 */
export async function live(podium: TestSupergraph) {
  const admin = await podium.admin('Olga')
  const ada = await createPerson(podium.client, 'Adelheid Quist', `adelheid.${randomUUID()}@example.com`)
  const bob = await createPerson(podium.client, 'Bertil Sund', `bertil.${randomUUID()}@example.com`)
  await describe(ada, 'Keeps bees in Porvoo.')
  await describe(bob, 'Repairs clocks in Turku.')
  const { apiKey } = await ada.mutate<{ apiKey: { id: string } }>(
    `mutation { createApiKey(input: { name: "hive scales", scopes: ["account:read"] }) { apiKey { id } ${USER_ERRORS} } }`,
  )
  await showPicture(podium, ada)
  await insertWhatOutsidersBring(podium, ada)

  const now = podium.now()
  const over = await openCompetition(bob, { name: 'A week of walks', startsAt: quarter(now, -3), endsAt: quarter(now, 1) }) // biome-ignore format: one competition
  const running = await openCompetition(bob, { name: 'All month', startsAt: quarter(now, -2), endsAt: quarter(now, 500) }) // biome-ignore format: one competition
  const ahead = await openCompetition(bob, { name: 'Next spring', startsAt: quarter(now, 400), endsAt: quarter(now, 500) }) // biome-ignore format: one competition
  const led = await openCompetition(ada, { name: 'Round the lake', visibility: 'INVITATION', startsAt: quarter(now, -2), endsAt: quarter(now, 500) }) // biome-ignore format: one competition
  const alone = await openCompetition(ada, { name: 'Nobody came', startsAt: quarter(now, 400), endsAt: quarter(now, 500) }) // biome-ignore format: one competition
  const draft = await ada.mutate<{ competition: { id: string } }>(
    `mutation ($input: CreateCompetitionInput!) { createCompetition(input: $input) { competition { id } ${USER_ERRORS} } }`,
    {
      input: { name: 'Secret garden', metric: 'STEPS', startsAt: quarter(now, 10), endsAt: quarter(now, 20) },
    },
  )
  const { code } = await ada.mutate<{ code: string }>(
    `mutation ($id: ID!) { createInvitation(competitionId: $id) { code ${USER_ERRORS} } }`,
    { id: led },
  )
  for (const person of [ada, bob]) {
    for (const id of [over, running, ahead]) await join(person, id)
    await join(person, led, person === bob ? code : undefined)
  }
  await settled(podium.queue)

  // Ada passes Bob, and he her, so that each is told of the other.
  await sync(bob, [hour('first', 500, quarter(now, -1.5))])
  await eventually(() => scoreOf(podium, running, bob), (score) => score === 500) // biome-ignore format: one wait
  await sync(ada, [hour('first', 900, quarter(now, -1.5))], { deviceId: 'watch of the beekeeper' })
  await eventually(() => scoreOf(podium, running, ada), (score) => score === 900) // biome-ignore format: one wait
  await sync(bob, [hour('second', 700, quarter(now, -1))])
  await eventually(() => scoreOf(podium, running, bob), (score) => score === 1_200) // biome-ignore format: one wait
  await runOnce(ada, quarter(now, -1))
  await admin.mutate(
    `mutation ($input: AdjustScoreInput!) { adjustScore(input: $input) { ${USER_ERRORS} } }`,
    { input: { competitionId: running, userId: ada.id, delta: -50, reason: 'Adelheid rode a tractor.' } },
  )
  await settled(podium.queue)

  await podium.passTo(new Date(quarter(now, 2).getTime() + HOUR))
  await eventually(() => statusOf(podium, over), (status) => status === 'COMPLETED') // biome-ignore format: one wait
  await settled(podium.queue)
  return {
    ada: await ada.again(),
    bob: await bob.again(),
    admin: await admin.again(),
    competitions: { over, running, ahead, led, alone, draft: draft.competition.id },
    apiKeyId: apiKey.id,
    code,
    /** What was hers alone; none of it may stay behind. */
    traces: [
      ada.name,
      'Adelheid',
      ada.email,
      'Keeps bees in Porvoo.',
      'hive scales',
      'watch of the beekeeper',
      'the beekeeper at the issuer',
      'a browser in the apiary',
      'Secret garden',
      'rode a tractor',
    ],
    tracesOfBob: [bob.id, bob.email, 'Repairs clocks in Turku.', `phone of ${bob.id}`],
  }
}

const describe = (person: Person, bio: string) =>
  person.mutate(
    `mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { ${USER_ERRORS} } }`,
    { input: { bio, timeZone: 'Europe/Helsinki' } },
  )

const runOnce = (person: Person, startedAt: Date) =>
  person.mutate(
    `mutation ($input: SyncFitnessInput!) { syncFitness(input: $input) { accepted ${USER_ERRORS} } }`,
    {
      input: {
        provider: 'HEALTH_CONNECT',
        deviceId: 'watch of the beekeeper',
        workouts: [
          { externalId: 'run', kind: 'RUN', startedAt, endedAt: new Date(startedAt.getTime() + HOUR / 2) },
        ],
      },
    },
  )

/** Where a test reaches an address of a file: the gateway's port is one that was free, which the address cannot know. */
export function servedBy({ url }: TestSupergraph, address: string): URL {
  const { pathname, search } = new URL(address)
  return new URL(pathname + search, url)
}

async function showPicture(podium: TestSupergraph, person: Person): Promise<void> {
  const background = { r: 200, g: 150, b: 0 }
  const png = await sharp({ create: { width: 80, height: 80, channels: 3, background } })
    .png()
    .toBuffer()
  const { upload } = await person.mutate<{ upload: { id: string; url: string } }>(
    `mutation ($input: AvatarUploadInput!) { requestAvatarUpload(input: $input) { upload { id url } ${USER_ERRORS} } }`,
    { input: { contentType: 'PNG', byteLength: png.byteLength } },
  )
  const headers = { 'content-type': 'image/png' }
  await fetch(servedBy(podium, upload.url), { method: 'PUT', headers, body: Buffer.from(png) })
  await person.mutate(`mutation ($id: ID!) { completeAvatarUpload(uploadId: $id) { ${USER_ERRORS} } }`, {
    id: upload.id,
  })
}

/** What an issuer brings in, and an upload that came to nothing. */
async function insertWhatOutsidersBring({ databaseUrl }: TestSupergraph, { id }: Person): Promise<void> {
  const admin = new pg.Client({ connectionString: databaseUrl })
  await admin.connect()
  await admin.query(
    `insert into users.outside_identities (issuer, subject, user_id) values ('https://issuer.example', 'the beekeeper at the issuer', $1)`,
    [id],
  )
  await admin.query(
    `insert into users.sessions (id, user_id, user_agent, outside_key, created_at, last_used_at)
     values (gen_random_uuid(), $1, 'a browser in the apiary', 'hash', now(), now())`,
    [id],
  )
  await admin.query(
    `insert into users.avatar_uploads (id, user_id, content_type, byte_length, expires_at) values (gen_random_uuid(), $1, 'PNG', 1000, now())`,
    [id],
  )
  await admin.end()
}

async function scoreOf({ client }: TestSupergraph, competitionId: string, { id }: Person) {
  const { leaderboard } = await client.send<{ leaderboard: { standing: { score: number } | null } }>(
    'query ($competitionId: ID!, $id: ID!) { leaderboard(competitionId: $competitionId) { standing(userId: $id) { score } } }',
    { competitionId, id },
  )
  return leaderboard.standing?.score
}

async function statusOf({ client }: TestSupergraph, id: string): Promise<string> {
  const { competition } = await client.send<{ competition: { status: string } }>(
    'query ($id: ID!) { competition(id: $id) { status } }',
    { id },
  )
  return competition.status
}
