import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { eq } from 'drizzle-orm'
import { createGathering, partOf } from '../../../platform/export.ts'
import { subgraphNames } from '../../../platform/names.ts'
import { readArchive } from '../../../test/support/archive.ts'
import { openTestObjects } from '../../../test/support/object-store.ts'
import { people } from '../tables.ts'
import { openUsersStore, refusalsOf } from '../test-support.ts'
import { createExportStore } from './export-store.ts'
import { createExports } from './exports.ts'
import { personalData } from './personal-data.ts'

const NOW = new Date('2026-05-01T08:00:00Z')
const later = (hours: number) => new Date(NOW.getTime() + hours * 3_600_000)

let database: Awaited<ReturnType<typeof openUsersStore>>
let files: Awaited<ReturnType<typeof openTestObjects>>
beforeAll(async () => {
  database = await openUsersStore()
  files = await openTestObjects(() => NOW)
})
afterAll(async () => {
  await files.close()
  await database.close()
})

const store = () => createExportStore(database.db)
const exports = () => createExports(store(), files.objects, () => NOW)

/** An export, whose parts are there but have not been told of. */
async function begin() {
  const person = await database.signUp()
  const { id: exportId } = await store().request(person.id, NOW)
  for (const name of subgraphNames) await put(exportId, name)
  return { exportId, person }
}

const put = (exportId: string, name: (typeof subgraphNames)[number]) =>
  files.objects.put(partOf(exportId, name), Buffer.from(`{"kind":"${name}"}\n`), 'application/jsonl')

const archive = async (exportId: string) => files.objects.read(`exports/${exportId}.zip`, 1_000_000)

const partsLeft = async (exportId: string) =>
  (await Promise.all(subgraphNames.map((name) => files.objects.read(partOf(exportId, name), 1_000)))).filter(
    Boolean,
  )

async function readyOf(exportId: string) {
  const told = await database.published<{ exportId: string }>('export.ready')
  return told.filter((ready) => ready.exportId === exportId)
}

test('an archive is made when the last part is there, and told of once', async () => {
  const { exportId } = await begin()
  const [last = 'users', ...first] = subgraphNames
  for (const subgraph of first) await exports().gathered({ exportId, subgraph })
  expect(await archive(exportId)).toBeNull()
  await exports().gathered({ exportId, subgraph: last })
  await exports().gathered({ exportId, subgraph: last })
  const found = await readArchive(Buffer.from((await archive(exportId)) ?? []))
  expect([...found.keys()]).toEqual(['README.txt', ...subgraphNames.map((name) => `${name}.jsonl`)])
  expect(found.get('fitness.jsonl')).toBe('{"kind":"fitness"}\n')
  expect(await partsLeft(exportId)).toEqual([])
  expect(await readyOf(exportId)).toHaveLength(1)
})

test('its link is mailed to an address that is known to be its owner’s, and to no other', async () => {
  const { exportId: unknown } = await begin()
  const { exportId: known, person } = await begin()
  await database.db.update(people).set({ emailVerifiedAt: NOW }).where(eq(people.id, person.id))
  for (const exportId of [unknown, known]) {
    for (const subgraph of subgraphNames) await exports().gathered({ exportId, subgraph })
    expect(await readyOf(exportId)).toHaveLength(1)
  }
  const mails = await database.published<{ kind: string; emailId: string; to: string; link: string }>(
    'email.requested',
  )
  expect(mails.filter(({ kind }) => kind === 'EXPORT_READY')).toEqual([
    expect.objectContaining({ emailId: known, to: person.email, link: expect.stringContaining(known) }),
  ])
})

test('all parts at once make one archive', async () => {
  const { exportId } = await begin()
  await Promise.all(subgraphNames.map((subgraph) => exports().gathered({ exportId, subgraph })))
  expect((await readArchive(Buffer.from((await archive(exportId)) ?? []))).size).toBe(6)
  expect(await readyOf(exportId)).toHaveLength(1)
})

test('an archive that cannot be read whole is not made, and made by the next attempt', async () => {
  const { exportId } = await begin()
  await files.objects.deleteAll(partOf(exportId, 'fitness'))
  const [last = 'users', ...first] = subgraphNames
  for (const subgraph of first) await exports().gathered({ exportId, subgraph })
  const attempt = () => exports().gathered({ exportId, subgraph: last })
  await expect(attempt()).rejects.toThrow(/is gone/)
  expect(await archive(exportId)).toBeNull()
  expect(await readyOf(exportId)).toEqual([])
  await put(exportId, 'fitness')
  await attempt()
  expect(await archive(exportId)).not.toBeNull()
})

test('a part that comes again after all is taken away', async () => {
  const { exportId } = await begin()
  for (const subgraph of subgraphNames) await exports().gathered({ exportId, subgraph })
  await put(exportId, 'fitness')
  await exports().gathered({ exportId, subgraph: 'fitness' })
  expect(await partsLeft(exportId)).toEqual([])
  expect(await archive(exportId)).not.toBeNull()
})

test('of an export that is over nothing is left, whatever still comes', async () => {
  const { exportId } = await begin()
  for (const subgraph of subgraphNames) await exports().gathered({ exportId, subgraph })
  await exports().expired({ exportId })
  await put(exportId, 'users')
  await exports().gathered({ exportId, subgraph: 'users' })
  expect(await archive(exportId)).toBeNull()
  expect(await partsLeft(exportId)).toEqual([])
})

test('there is one export a day, and the refusal says when the next can be', async () => {
  const { id } = await database.signUp()
  await store().request(id, NOW)
  await expect(store().request(id, later(23))).rejects.toThrow('Ask again after 2026-05-02T08:00:00.000Z.')
  expect(await refusalsOf(store().request(id, later(23)))).toEqual([['CONFLICT', undefined]])
  await store().request(id, later(24))
})

test('of many requests at once one is an export', async () => {
  const { id } = await database.signUp()
  const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => store().request(id, NOW)))
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
})

test('an address is told before the archive is there', async () => {
  const { id } = await database.signUp()
  const { downloadUrl } = await exports().request(id)
  expect(downloadUrl).toMatch(/^http:\/\/127\.0\.0\.1\/files\/exports\/[0-9a-f-]{36}\.zip\?/)
})

test('a part is read page by page, every row once', async () => {
  const { id } = await database.signUp()
  await database.pool.query(
    `insert into audit_entries (id, at, actor_id, action, subject_type, subject_id, details)
     select gen_random_uuid(), '2026-05-01'::timestamptz + (n / 7) * interval '1 ms', $1::uuid, 'counted', 'user', $1, json_build_object('n', n)
     from generate_series(1, 2500) n`,
    [id],
  )
  const exportId = randomUUID()
  await gather(exportId, id)
  const counted = (await linesOf(exportId)).flatMap(({ data }) =>
    data.action === 'counted' ? [data.details.n] : [],
  )
  expect(counted).toHaveLength(2_500)
  expect(new Set(counted).size).toBe(2_500)
})

test('what an administrator did to others is told without whom and why', async () => {
  const [ada, bob] = [await database.signUp(), await database.signUp()]
  await database.pool.query(
    `insert into audit_entries (id, at, actor_id, action, subject_type, subject_id, details)
     values (gen_random_uuid(), now(), $1, 'user.suspended', 'user', $2, '{"reason": "Spam"}')`,
    [ada.id, bob.id],
  )
  const [ofAda, ofBob] = [randomUUID(), randomUUID()]
  await gather(ofAda, ada.id)
  await gather(ofBob, bob.id)
  const acts = async (exportId: string) =>
    (await linesOf(exportId)).flatMap(({ data }) => (data.action === 'user.suspended' ? [data] : []))
  expect(await acts(ofAda)).toMatchObject([{ actorId: ada.id, subjectId: null, details: null }])
  expect(await acts(ofBob)).toMatchObject([{ actorId: null, subjectId: bob.id, details: { reason: 'Spam' } }])
})

const gather = (exportId: string, userId: string) =>
  createGathering({ db: database.db, objects: files.objects, subgraph: 'users', personalData })({
    exportId,
    userId,
    at: NOW.toISOString(),
  })

type Line = { kind: string; data: { action?: string; details: { n: number } } }

async function linesOf(exportId: string): Promise<Line[]> {
  const content = await files.objects.read(partOf(exportId, 'users'), 10_000_000)
  return Buffer.from(content ?? [])
    .toString()
    .split('\n')
    .flatMap((line) => (line ? [JSON.parse(line)] : []))
}
