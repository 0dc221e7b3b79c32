import { randomUUID } from 'node:crypto'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import pg from 'pg'
import { migrateSubgraph, withSchema } from '../platform/database.ts'
import { migrateEvents } from '../platform/event-queue.ts'
import { events } from '../platform/events.ts'
import { createTestDatabase } from '../test/support/stores.ts'

/** The last migration of each before there were API keys, invitations by affiliates, and copies of who competes. */
const before = { users: '0001_access', competitions: '0000_competitions' } as const

let database: Awaited<ReturnType<typeof createTestDatabase>>
let client: pg.Client
beforeAll(async () => {
  database = await createTestDatabase()
  client = new pg.Client({ connectionString: database.url })
  await client.connect()
  await client.query('drop schema users, competitions, events cascade')
  await migrateEvents(database.url)
})
afterAll(async () => {
  await client.end()
  await database.drop()
})

/** Migrates as the version before did. */
async function migrateUpTo(name: keyof typeof before): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'podium-migrations-'))
  try {
    await cp(fileURLToPath(new URL(`${name}/migrations`, import.meta.url)), folder, { recursive: true })
    const path = join(folder, 'meta/_journal.json')
    const journal: { entries: { tag: string }[] } = JSON.parse(await readFile(path, 'utf8'))
    const last = journal.entries.findIndex(({ tag }) => tag === before[name])
    await writeFile(path, JSON.stringify({ ...journal, entries: journal.entries.slice(0, last + 1) }))
    await withSchema(database.url, name, (open) =>
      migrate(drizzle(open), { migrationsFolder: folder, migrationsSchema: name }),
    )
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function published(task: string): Promise<unknown[]> {
  const { rows } = await client.query(
    'select payload from events._private_jobs job join events._private_tasks task on task.id = task_id where identifier = $1',
    [task],
  )
  return rows.map(({ payload }) => payload)
}

test('people of the version before are kept, and competitions hears which of them may invite', async () => {
  await migrateUpTo('users')
  const [admin, affiliate, suspended, user] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()]
  for (const [id, role, suspendedAt] of [
    [admin, 'ADMIN', null],
    [affiliate, 'AFFILIATE', null],
    [suspended, 'AFFILIATE', '2026-04-01T00:00:00Z'],
    [user, 'USER', null],
  ]) {
    await client.query(
      `insert into users.people (id, email, password_hash, display_name, time_zone, role, joined_at, version, suspended_at)
       values ($1::uuid, $1 || '@example.com', 'hash', 'Ada', 'Europe/London', $2, now(), 3, $3)`,
      [id, role, suspendedAt],
    )
  }
  await client.query(`insert into users.sessions values ($1, $2, null, now(), now(), null)`, [
    randomUUID(),
    user,
  ])
  await client.query(`insert into users.signing_keys values ('key', '{}', 'sealed', now())`)

  await migrateSubgraph(database.url, 'users')
  const { rows } = await client.query(
    'select distinct profile_visibility, email_verified_at, erased_at from users.people',
  )
  expect(rows).toEqual([{ profile_visibility: 'PUBLIC', email_verified_at: null, erased_at: null }])
  const told = await published('competitions/user.profile_changed')
  expect(told.map((payload) => events['user.profile_changed'].payload.parse(payload).userId).sort()).toEqual(
    [admin, affiliate].sort(),
  )
  expect(told).toContainEqual({
    userId: affiliate,
    displayName: 'Ada',
    timeZone: 'Europe/London',
    version: 3,
    visibility: 'PUBLIC',
    mayInvite: true,
  })
})

test('codes and places of the version before go on, and users hears who is in what', async () => {
  await migrateUpTo('competitions')
  const [byInvitation, open, organizer, guest, left] = Array.from({ length: 5 }, () => randomUUID())
  for (const [id, visibility, hash] of [
    [byInvitation, 'INVITATION', 'hash of a code'],
    [open, 'PUBLIC', null],
  ]) {
    await client.query(
      `insert into competitions.competitions (id, organizer_id, name, metric, starts_at, ends_at, time_zone, visibility,
         minimum_participants, participant_count, status, opened_at, sync_until, invitation_hash, words)
       values ($1, $2, 'Race', 'STEPS', '2026-05-01T08:00:00.5Z', '2026-06-01', 'UTC', $3, 1, 2, 'OPEN',
         '2026-04-01', '2026-06-02', $4, '')`,
      [id, organizer, visibility, hash],
    )
  }
  for (const [id, userId, status, version] of [
    [byInvitation, organizer, 'JOINED', 1],
    [byInvitation, guest, 'JOINED', 3],
    [open, left, 'LEFT', 2],
  ]) {
    await client.query('insert into competitions.participations values ($1, $2, $3, now(), $4)', [
      id,
      userId,
      status,
      version,
    ])
  }

  await migrateSubgraph(database.url, 'competitions')
  const { rows: invitations } = await client.query(
    'select competition_id, inviter_id, code_hash from competitions.invitations',
  )
  expect(invitations).toEqual([
    { competition_id: byInvitation, inviter_id: organizer, code_hash: 'hash of a code' },
  ])
  const { rows: invited } = await client.query(
    'select user_id, invited_by from competitions.participations where invited_by is not null',
  )
  expect(invited).toEqual([{ user_id: guest, invited_by: organizer }])
  const told = await published('users/participant.joined')
  expect(told).toHaveLength(2)
  for (const payload of told) events['participant.joined'].payload.parse(payload)
  expect(told).toContainEqual({
    competitionId: byInvitation,
    userId: guest,
    version: 3,
    metric: 'STEPS',
    startsAt: '2026-05-01T08:00:00.500Z',
    endsAt: '2026-06-01T00:00:00.000Z',
    countsManual: true,
  })
})
