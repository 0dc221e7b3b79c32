import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { MAX_ITEMS } from './batch.ts'
import { batch, openTestFitness, steps } from './test-support.ts'

let fitness: Awaited<ReturnType<typeof openTestFitness>>
beforeAll(async () => {
  fitness = await openTestFitness()
})
afterAll(() => fitness.close())

const TODAY = '2026-05-20'

test('what a device recorded counts, and the answer says what the days come to', async () => {
  const { phone, today } = fitness.person()
  const day = { date: TODAY, steps: 900, distance: 0, activeEnergy: 0, activeMinutes: 0, elevation: 0 }
  expect(await phone(steps(`${TODAY}T08:00:00Z`, 500), steps(`${TODAY}T09:00:00Z`, 400))).toEqual({
    accepted: 2,
    held: 0,
    duplicates: 0,
    rejected: [],
    days: [day],
  })
  expect(await today()).toEqual(day)
})

test('a record that comes again changes nothing', async () => {
  const { phone, today } = fitness.person()
  await phone(steps(`${TODAY}T08:00:00Z`, 500))
  expect(await phone(steps(`${TODAY}T08:00:00Z`, 500))).toEqual({
    accepted: 0,
    held: 0,
    duplicates: 1,
    rejected: [],
    days: [],
  })
  expect(await today()).toMatchObject({ steps: 500 })
})

test('a higher version replaces a record, wherever it was; a lower one does not', async () => {
  const { phone, today } = fitness.person()
  const [id, later] = [
    { externalId: 'walk', version: 3 },
    { externalId: 'walk', version: 2 },
  ]
  await phone(steps('2026-05-19T08:00:00Z', 500, { externalId: 'walk' }))
  const corrected = await phone(steps(`${TODAY}T08:00:00Z`, 300, id))
  expect(corrected.days.map(({ date, steps }) => [date, steps])).toEqual([
    ['2026-05-19', 0],
    [TODAY, 300],
  ])
  expect(await phone(steps(`${TODAY}T08:00:00Z`, 900, later))).toMatchObject({ accepted: 0, duplicates: 1 })
  expect(await today()).toMatchObject({ steps: 300 })
})

test('of several versions in one batch the highest counts', async () => {
  const { phone, today } = fitness.person()
  const versions = [2, 3, 1].map((version) =>
    steps(`${TODAY}T08:00:00Z`, version * 100, { externalId: 'walk', version }),
  )
  expect(await phone(...versions)).toMatchObject({ accepted: 1, duplicates: 2 })
  expect(await today()).toMatchObject({ steps: 300 })
})

test('a deleted record stays deleted until a higher version comes', async () => {
  const { phone, send, today, records } = fitness.person()
  const walk = (version: number) => steps(`${TODAY}T08:00:00Z`, 500, { externalId: 'walk', version })
  await phone(walk(2))
  expect(await send({ deleted: ['walk', 'unknown'] })).toMatchObject({ accepted: 1, duplicates: 1 })
  expect(await today()).toMatchObject({ steps: 0 })
  expect(await records(TODAY)).toEqual([])
  expect(await phone(walk(2))).toMatchObject({ accepted: 0, duplicates: 1 })
  expect(await phone(walk(1))).toMatchObject({ accepted: 0, duplicates: 1 })
  expect(await today()).toMatchObject({ steps: 0 })
  expect(await phone(walk(3))).toMatchObject({ accepted: 1 })
  expect(await today()).toMatchObject({ steps: 500 })
})

test('one sync can delete what is known and bring what is new', async () => {
  const { phone, send, today } = fitness.person()
  await phone(steps(`${TODAY}T08:00:00Z`, 500, { externalId: 'walk' }))
  const records = [steps(`${TODAY}T09:00:00Z`, 200, { externalId: 'run' })]
  expect(await send({ records, deleted: ['walk'] })).toMatchObject({ accepted: 2 })
  expect(await today()).toMatchObject({ steps: 200 })
})

test('where a watch and a phone recorded the same time, the watch counts', async () => {
  const { phone, watch, today, records } = fitness.person()
  await phone(steps(`${TODAY}T08:00:00Z`, 600), steps(`${TODAY}T10:00:00Z`, 100))
  await watch(steps(`${TODAY}T08:00:00Z`, 500, { externalId: 'w' }))
  expect(await today()).toMatchObject({ steps: 600 })
  expect((await records(TODAY)).map(({ value, outcome, reason }) => [value, outcome, reason])).toEqual(
    expect.arrayContaining([
      [600, 'SUPERSEDED', 'A better source covers the same time.'],
      [500, 'COUNTED', null],
      [100, 'COUNTED', null],
    ]),
  )
})

test('the phone counts again once the record of the watch is deleted', async () => {
  const { phone, watch, send, today } = fitness.person()
  await watch(steps(`${TODAY}T08:00:00Z`, 500, { externalId: 'w' }))
  await phone(steps(`${TODAY}T08:00:00Z`, 600))
  await send({ deleted: ['w'] })
  expect(await today()).toMatchObject({ steps: 600 })
})

test('a bad record does not hold back the others, and is shown with its reason', async () => {
  const { phone, today, records } = fitness.person()
  const fast = steps(`${TODAY}T09:00:00Z`, 5_000, { externalId: 'fast' })
  const reason = 'More than 300 steps a minute.'
  const nameless = steps(`${TODAY}T07:00:00Z`, 1, { externalId: '' })
  const answer = await phone(fast, steps(`${TODAY}T08:00:00Z`, 500), nameless)
  expect(answer).toMatchObject({
    accepted: 1,
    rejected: [
      { externalId: 'fast', reason },
      { externalId: '', reason: 'An external id must have 1 to 200 characters.' },
    ],
  })
  expect((await phone(fast)).rejected).toEqual([{ externalId: 'fast', reason }])
  expect(await records(TODAY)).toMatchObject([{ value: 500 }, { value: 5_000, outcome: 'REJECTED', reason }])
  expect(await phone({ ...fast, value: 2_000, version: 2 })).toMatchObject({ accepted: 1, rejected: [] })
  expect(await today()).toMatchObject({ steps: 2_500 })
})

test('a higher version that is rejected takes away what the one before counted', async () => {
  const { phone, today } = fitness.person()
  await phone(steps(`${TODAY}T08:00:00Z`, 500))
  await phone(steps(`${TODAY}T08:00:00Z`, -1, { version: 2 }))
  expect(await today()).toMatchObject({ steps: 0 })
})

test('records that no table can hold are rejected like any other', async () => {
  const { phone } = fitness.person()
  const ids = ['a\0b', 'a\ud800b', 'x'.repeat(201)]
  const odd = ids.map((externalId) => steps(`${TODAY}T08:00:00Z`, 1, { externalId }))
  const { rejected, accepted } = await phone(...odd, steps('0000-01-01T00:00:00Z', 1))
  expect([rejected.length, accepted]).toEqual([4, 0])
})

test('a sync of more than 1,000 things stores none of them', async () => {
  const { send, today } = fitness.person()
  const deleted = Array.from({ length: MAX_ITEMS }, (_, i) => `${i}`)
  const tooMany = send({ deleted, records: [steps(`${TODAY}T08:00:00Z`, 500)] })
  await expect(tooMany).rejects.toMatchObject({ refusals: [{ code: 'TOO_MANY_RECORDS' }] })
  expect(await today()).toMatchObject({ steps: 0 })
})

test('a device needs an id', async () => {
  const { id } = fitness.person()
  for (const deviceId of ['', 'x'.repeat(201), '\0']) {
    await expect(fitness.sync(id, batch({ deviceId }))).rejects.toMatchObject({
      refusals: [{ code: 'INVALID_INPUT', field: ['deviceId'] }],
    })
  }
})

test('ten syncs of one person at once all count', async () => {
  const { phone, today } = fitness.person()
  const quarters = Array.from({ length: 10 }, (_, i) => steps(`${TODAY}T08:0${i}:00Z`, 100, { minutes: 1 }))
  const answers = await Promise.all([...quarters, ...quarters].map((record) => phone(record)))
  expect(answers.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(10)
  expect(await today()).toMatchObject({ steps: 1_000 })
})

test('a sync takes as many statements for 1,000 records as for one', async () => {
  const many = Array.from({ length: MAX_ITEMS }, (_, i) =>
    steps(new Date(Date.parse('2026-04-01T00:00:00Z') + i * 3_600_000).toISOString(), 1_000, { minutes: 60 }),
  )
  const [one, all] = [fitness.person(), fitness.person()]
  const { statements: few } = await counted(() => one.phone(steps(`${TODAY}T08:00:00Z`, 500)))
  const { statements, result } = await counted(() => all.phone(...many))
  expect(result).toMatchObject({ accepted: MAX_ITEMS })
  expect(statements).toBe(few)
})

async function counted<T>(work: () => Promise<T>) {
  let statements = 0
  const count = (client: { query: unknown }) => {
    const query = client.query as (...args: unknown[]) => unknown
    Object.assign(client, {
      query(this: unknown, ...args: unknown[]) {
        statements += 1
        return query.apply(this, args)
      },
    })
    undo.push(() => Object.assign(client, { query }))
  }
  const undo: (() => void)[] = []
  fitness.pool.on('acquire', count)
  try {
    const result = await work()
    return { result, statements }
  } finally {
    fitness.pool.off('acquire', count)
    for (const restore of undo) restore()
  }
}
