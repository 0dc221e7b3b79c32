import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createErasure } from './erasure.ts'
import { NOW, openTestFitness, steps, workout } from './test-support.ts'

let fitness: Awaited<ReturnType<typeof openTestFitness>>
beforeAll(async () => {
  fitness = await openTestFitness()
})
afterAll(() => fitness.close())

const erase = (userId: string) => createErasure(fitness.db)({ userId, at: NOW.toISOString() })

async function rowsOf(userId: string): Promise<Record<string, number>> {
  const tables = ['records', 'workouts', 'buckets', 'devices']
  const counts = await Promise.all(
    tables.map(async (table) => {
      const { rows } = await fitness.pool.query(
        `select count(*)::int as count from ${table} where user_id = $1`,
        [userId],
      )
      return [table, rows[0].count] as const
    }),
  )
  return Object.fromEntries(counts)
}

const nothing = { records: 0, workouts: 0, buckets: 0, devices: 0 }

async function scoreIn(competitionId: string, userId: string): Promise<number | null> {
  const { rows } = await fitness.pool.query(
    'select score from enrolments where competition_id = $1 and user_id = $2',
    [competitionId, userId],
  )
  return rows[0]?.score ?? null
}

const walk = (value = 500) => steps('2026-05-20T08:00:00Z', value)

test('what a person did goes, and what it scored stays', async () => {
  const ada = fitness.person()
  const competition = { competitionId: randomUUID() }
  await ada.join(competition)
  await ada.send({ records: [walk()], workouts: [workout('2026-05-20T09:00:00Z', 30)] })
  expect(await rowsOf(ada.id)).toEqual({ records: 1, workouts: 1, buckets: 1, devices: 1 })
  await erase(ada.id)
  await erase(ada.id)
  expect(await rowsOf(ada.id)).toEqual(nothing)
  expect(await scoreIn(competition.competitionId, ada.id)).toBe(500)
})

test('a sync that was on its way is refused', async () => {
  const ada = fitness.person()
  await erase(ada.id)
  await expect(ada.phone(walk())).rejects.toMatchObject({ extensions: { code: 'UNAUTHENTICATED' } })
  expect(await rowsOf(ada.id)).toEqual(nothing)
})

test('of syncs and an erasure at the same time nothing is left', async () => {
  const ada = fitness.person()
  const syncs = Array.from({ length: 8 }, (_, index) => ada.phone(steps(`2026-05-20T0${index}:00:00Z`, 100)))
  await Promise.allSettled([...syncs, erase(ada.id)])
  expect(await rowsOf(ada.id)).toEqual(nothing)
})

test('that somebody joined again, told late, does not take the score away', async () => {
  const ada = fitness.person()
  const competition = { competitionId: randomUUID() }
  await ada.join(competition)
  await ada.phone(walk())
  await erase(ada.id)
  await ada.join(competition, 3)
  expect(await scoreIn(competition.competitionId, ada.id)).toBe(500)
})

test('that somebody had left, told late, does', async () => {
  const ada = fitness.person()
  const competition = { competitionId: randomUUID() }
  await ada.join(competition)
  await ada.phone(walk())
  await erase(ada.id)
  await ada.leave(competition)
  expect(await scoreIn(competition.competitionId, ada.id)).toBeNull()
})

test('a time zone that comes late is not kept', async () => {
  const userId = randomUUID()
  await erase(userId)
  expect(await fitness.people.moved(userId, 'Europe/Helsinki', 9)).toBe(false)
  expect(await fitness.people.timeZone(userId)).toBe('UTC')
})

test('a device of an erased person is free for somebody else', async () => {
  const [ada, bob] = [fitness.person(), fitness.person()]
  await ada.send({ deviceId: 'shared', records: [walk()] })
  await erase(ada.id)
  await bob.phone(walk(300))
  expect(await rowsOf(bob.id)).toMatchObject({ records: 1, buckets: 1 })
})

test('more than is deleted at once is deleted', async () => {
  const ada = fitness.person()
  await fitness.pool.query(
    `insert into buckets (user_id, metric, start, value, capped, until, provider, device_id, source_kind)
     select $1, 'STEPS', '2020-01-01'::timestamptz + n * interval '15 minutes', 1, false,
            '2020-01-01'::timestamptz + (n + 1) * interval '15 minutes', 'HEALTH_CONNECT', 'phone', 'PHONE'
     from generate_series(1, 10001) n`,
    [ada.id],
  )
  await erase(ada.id)
  expect(await rowsOf(ada.id)).toEqual(nothing)
})
