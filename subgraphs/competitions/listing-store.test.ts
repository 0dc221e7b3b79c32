import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { checkFilter } from './filter.ts'
import type { CompetitionFilter } from './generated.ts'
import { at, input, openCompetitionStores, someone } from './test-support.ts'
import { visibleTo } from './visibility.ts'

let stores: Awaited<ReturnType<typeof openCompetitionStores>>
beforeAll(async () => {
  stores = await openCompetitionStores()
})
afterAll(() => stores.close())
beforeEach(async () => {
  stores.setTime(-1)
  await stores.database.pool.query('truncate competitions cascade')
})

const organizer = someone()
const all = { limit: 100, after: null }

const seenBy = async (viewer: ReturnType<typeof someone> | null, filter: CompetitionFilter = {}) => {
  const checked = checkFilter(filter)
  const found = await stores.listing.visible(viewer, checked, all)
  expect(await stores.listing.countVisible(viewer, checked)).toBe(found.length)
  return found.map(({ name }) => name)
}

/** Whether a competition by its id is there for them, as for the entity and the single one. */
const finds = async (viewer: ReturnType<typeof someone> | null, id: string) => {
  return (await stores.competitions.byIds([id], visibleTo(viewer))).length === 1
}

test('who sees what: everyone what is public, others what is theirs, administrators all', async () => {
  const guest = someone()
  const open = await stores.open(organizer, { name: 'open' })
  const draft = await stores.competitions.create(organizer, input({ name: 'draft' }))
  const called = await stores.competitions.create(organizer, input({ name: 'called off' }))
  await stores.competitions.cancel(organizer, called.id, 'Rain.')
  const secret = await stores.open(organizer, { name: 'secret', visibility: 'INVITATION' })
  const code = await stores.competitions.createInvitation(organizer, secret.id)
  await stores.participations.join(guest, secret.id, code)
  const left = someone()
  await stores.participations.join(left, secret.id, code)
  await stores.participations.leave(left, secret.id)

  const ids = [open, draft, called, secret].map(({ id }) => id)
  const everything = ['called off', 'draft', 'open', 'secret']
  for (const [viewer, names] of [
    [null, ['open']],
    [someone(), ['open']],
    [guest, ['open', 'secret']],
    [left, ['open']],
    [organizer, everything],
    [someone(['competitions:admin']), everything],
  ] as const) {
    expect((await seenBy(viewer)).sort()).toEqual(names)
    const found = await Promise.all(ids.map((id) => finds(viewer, id)))
    expect(['open', 'draft', 'called off', 'secret'].filter((_, i) => found[i]).sort()).toEqual(names)
  }
})

test('a filter takes what meets all of it', async () => {
  const names = ['Spring Steps', 'Summer steps', 'Été 10k run/walk']
  for (const [i, name] of names.entries()) {
    const metric = i === 2 ? 'DISTANCE' : 'STEPS'
    const description = i === 1 ? 'Walk to the lake.' : null
    await stores.open(organizer, { name, description, metric, startsAt: at(i), endsAt: at(i + 8) })
  }
  const [spring, summer, run] = names
  for (const [filter, expected] of [
    [{ search: 'steps' }, [spring, summer]],
    [{ search: 'SUM lak' }, [summer]],
    [{ search: 'walk' }, [summer, run]],
    [{ search: 'ete' }, [run]],
    [{ search: 'teps' }, []],
    [{ search: '!' }, []],
    [{ search: "' | '" }, []],
    [{ search: '' }, names],
    [{ search: ' \t\u00a0' }, names],
    [{ search: null }, names],
    [{ metric: ['DISTANCE'] }, [run]],
    [{ status: ['OPEN'], metric: ['STEPS'] }, [spring, summer]],
    [{ status: ['ACTIVE'] }, []],
    [{ status: [] }, []],
    [{ startsAfter: at(1) }, [summer, run]],
    [{ startsBefore: at(1) }, [spring]],
    [{ startsAfter: new Date('0000-01-01T00:00:00Z'), startsBefore: new Date(8.64e15) }, names],
  ] as const satisfies [CompetitionFilter, unknown][]) {
    expect(await seenBy(null, filter as CompetitionFilter)).toEqual(expected)
  }
})

test('a new description is found, and the old one is not', async () => {
  const { id } = await stores.open(organizer, { description: 'before' })
  await stores.competitions.update(organizer, id, { description: 'after' })
  expect(await seenBy(null, { search: 'before' })).toEqual([])
  expect(await seenBy(null, { search: 'after' })).toHaveLength(1)
})

test('pages of competitions that start at the same time neither repeat nor lose any', async () => {
  for (let i = 0; i < 7; i++) await stores.open(organizer, { startsAt: at(i % 2), endsAt: at(9) })
  const everything = await stores.listing.visible(null, checkFilter({}), all)
  const paged = []
  for (let last = everything[0]; last; ) {
    const after = paged.length > 0 ? { time: last.startsAt.getTime(), id: last.id } : null
    const page = await stores.listing.visible(null, checkFilter({}), { limit: 3, after })
    paged.push(...page)
    last = page.at(-1)
  }
  expect(everything.map(({ startsAt }) => startsAt.getTime())).toEqual(
    [0, 0, 0, 0, 1, 1, 1].map((i) => at(i).getTime()),
  )
  expect(paged).toEqual(everything)
})

test('a person’s competitions are, for others, the public ones, and for themselves all, even those they left', async () => {
  const guest = someone()
  const secret = await stores.open(organizer, { name: 'secret', visibility: 'INVITATION' })
  const code = await stores.competitions.createInvitation(organizer, secret.id)
  await stores.participations.join(guest, secret.id, code)
  await stores.participations.leave(guest, secret.id)
  const open = await stores.open(organizer, { name: 'open', startsAt: at(1), endsAt: at(9) })
  await stores.participations.join(guest, open.id, null)
  await stores.participations.leave(guest, open.id)
  await stores.competitions.create(guest, input({ name: 'draft', startsAt: at(2), endsAt: at(9) }))

  const keys = [
    { userId: guest.id, own: false, statuses: null },
    { userId: guest.id, own: true, statuses: null },
    { userId: guest.id, own: true, statuses: ['DRAFT' as const] },
    { userId: organizer.id, own: false, statuses: null },
    { userId: 'nobody', own: true, statuses: null },
  ]
  const lists = await stores.listing.ofPeople(keys.map((key) => ({ ...key, ...all })))
  expect(lists.map((list) => list.map(({ name }) => name))).toEqual([
    ['open'],
    ['secret', 'open', 'draft'],
    ['draft'],
    [],
    [],
  ])
  expect(await stores.listing.countOfPeople(keys)).toEqual([1, 3, 1, 0, 0])
  const [second] = await stores.listing.ofPeople([
    {
      userId: guest.id,
      own: true,
      statuses: null,
      limit: 1,
      after: { time: at(0).getTime(), id: secret.id },
    },
  ])
  expect(second?.map(({ name }) => name)).toEqual(['open'])
})

test('participants come in order of joining, each list with its own length and start', async () => {
  const [one, two] = [await stores.open(organizer), await stores.open(organizer)]
  const guests = [someone(), someone(), someone()]
  for (const [i, guest] of guests.entries()) {
    stores.setTime(-0.9 + i / 10)
    await stores.participations.join(guest, one.id, null)
  }
  const [, second, third] = guests.map(({ id }) => id)
  for (const guest of guests.slice(0, 1)) await stores.participations.leave(guest, one.id)
  const lists = await stores.listing.participants([
    { competitionId: one.id, limit: 1, after: null },
    { competitionId: two.id, ...all },
    { competitionId: one.id, limit: 5, after: { time: at(-0.8).getTime(), id: second ?? '' } },
  ])
  expect(lists.map((list) => list.map(({ userId }) => userId))).toEqual([[second], [], [third]])
})
