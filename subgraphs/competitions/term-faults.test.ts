import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Competition, Terms } from './competition.ts'
import { fitsBoard, SCORES_END } from './score-bound.ts'
import { changeFaults, draftFaults, reasonFaults } from './term-faults.ts'

const now = new Date('2026-05-01T08:03:00Z')
const DAY = 86_400_000 // ms

const terms: Terms = {
  name: 'May steps',
  description: null,
  metric: 'STEPS',
  startsAt: new Date('2026-05-02T00:00:00Z'),
  endsAt: new Date('2026-06-01T00:00:00Z'),
  timeZone: 'Europe/Helsinki',
  visibility: 'PUBLIC',
  capacity: null,
  minimumParticipants: 2,
}

const after = (days: number) => new Date(terms.startsAt.getTime() + days * DAY)

const fieldsAtFault = (change: Partial<Terms>) =>
  draftFaults({ ...terms, ...change }, now).map(({ field }) => field?.join('.'))

test.each<[string, Partial<Terms>]>([
  ['an ordinary one', {}],
  ['the longest', { endsAt: after(366), metric: 'DISTANCE' }],
  [
    'one that started a year ago',
    { startsAt: new Date('2025-05-02T00:00:00Z'), endsAt: new Date('2026-05-02T00:00:00Z') },
  ],
  ['a name of 100 emoji', { name: '🏃'.repeat(100) }],
  ['a description of several lines', { description: 'One.\n\tTwo.' }],
  [
    'one that starts in two years',
    { startsAt: new Date('2028-05-01T08:00:00Z'), endsAt: new Date('2028-05-02T00:00:00Z') },
  ],
  ['the smallest', { capacity: 2, minimumParticipants: 1 }],
  ['the largest', { capacity: 1_000_000, minimumParticipants: 1_000_000 }],
])('%s is accepted', (_, change) => {
  expect(fieldsAtFault(change)).toEqual([])
})

test.each<[string, Partial<Terms>, string[]]>([
  ['no name', { name: '' }, ['name']],
  ['a name of 101 characters', { name: 'n'.repeat(101) }, ['name']],
  ['a name of two lines', { name: 'May\nsteps' }, ['name']],
  ['a name of nothing to see', { name: '\u200b\u200d' }, ['name']],
  ['a name that turns the writing direction', { name: 'May \u202esteps' }, ['name']],
  ['a name that is half an emoji', { name: 'May \ud83c' }, ['name']],
  ['a long description', { description: 'd'.repeat(2_001) }, ['description']],
  ['what PostgreSQL cannot keep', { description: 'a\u0000b' }, ['description']],
  ['a description that is no Unicode', { description: '\udc00' }, ['description']],
  ['a start off the quarter hour', { startsAt: new Date('2026-05-02T00:10:00Z') }, ['startsAt']],
  ['an end off the quarter hour', { endsAt: new Date('2026-06-01T00:15:00.001Z') }, ['endsAt']],
  ['an end at the start', { endsAt: terms.startsAt }, ['endsAt']],
  ['367 days', { endsAt: after(367) }, ['endsAt']],
  [
    'a start too long ago',
    { startsAt: new Date('2025-04-30T08:00:00Z'), endsAt: new Date('2026-05-01T08:15:00Z') },
    ['endsAt', 'startsAt'],
  ],
  [
    'a start more than two years ahead',
    { startsAt: new Date('2028-05-01T08:15:00Z'), endsAt: new Date('2028-05-02T00:00:00Z') },
    ['startsAt'],
  ],
  [
    'the year 9999',
    { startsAt: new Date('9999-12-01T00:00:00Z'), endsAt: new Date('9999-12-02T00:00:00Z') },
    ['startsAt'],
  ],
  [
    'an end that has passed',
    { startsAt: new Date('2026-04-01T00:00:00Z'), endsAt: new Date('2026-05-01T08:00:00Z') },
    ['endsAt'],
  ],
  ['a zone that is none', { timeZone: 'Mars/Olympus' }, ['timeZone']],
  ['an offset for a zone', { timeZone: '+02:00' }, ['timeZone']],
  ['room for one', { capacity: 1, minimumParticipants: 1 }, ['capacity']],
  ['room for too many', { capacity: 1_000_001 }, ['capacity']],
  ['nobody at least', { minimumParticipants: 0 }, ['minimumParticipants']],
  ['more at least than at most', { capacity: 10, minimumParticipants: 11 }, ['minimumParticipants']],
  [
    'everything at once',
    { name: '', timeZone: '', capacity: 0, endsAt: after(0) },
    ['name', 'endsAt', 'timeZone', 'capacity', 'minimumParticipants'],
  ],
])('%s is refused', (_, change, fields) => {
  expect(fieldsAtFault(change)).toEqual(fields)
})

const competition = (status: 'DRAFT' | 'OPEN', participantCount = 0): Competition => ({
  ...terms,
  id: '',
  organizerId: '',
  nameVersion: 0,
  participantCount,
  state: status === 'DRAFT' ? { status } : { status, openedAt: now, syncUntil: terms.endsAt },
})

test('once it has opened only name, description and capacity change, and what stays the same is no change', () => {
  const input = {
    ...terms,
    name: 'June steps',
    description: 'Walk.',
    capacity: 5,
    metric: 'DISTANCE',
    startsAt: after(1),
    endsAt: after(2),
    visibility: 'INVITATION',
  } as const
  expect(changeFaults(competition('DRAFT'), input, now)).toEqual([])
  const refused = changeFaults(competition('OPEN'), input, now)
  expect(refused.map(({ code, field }) => [code, field?.join('.')])).toEqual([
    ['NOT_ALLOWED', 'metric'],
    ['NOT_ALLOWED', 'startsAt'],
    ['NOT_ALLOWED', 'endsAt'],
    ['NOT_ALLOWED', 'visibility'],
  ])
})

test('the capacity does not go below those who are in it, nor below the minimum', () => {
  const fields = (capacity: number | null) => changeFaults(competition('OPEN', 7), { capacity }, now).length
  expect([7, 6, null, 1].map(fields)).toEqual([0, 1, 0, 1])
  expect(changeFaults(competition('OPEN', 0), { capacity: 2 }, now)).toEqual([])
})

test('what a competition must have cannot be taken from it', () => {
  const input = { name: null, startsAt: null, description: null, capacity: null }
  expect(changeFaults(competition('DRAFT'), input, now).map(({ field }) => field)).toEqual([
    ['name'],
    ['startsAt'],
  ])
})

test('a draft whose times have passed can still be renamed', () => {
  const later = new Date('2027-05-01T00:00:00Z')
  expect(changeFaults(competition('DRAFT'), { name: 'Old' }, later)).toEqual([])
  expect(changeFaults(competition('DRAFT'), { endsAt: after(20) }, later)).not.toEqual([])
})

test('a cancellation has a reason that can be kept and shown', () => {
  const reasons = ['Rain.', 'Rain.\nAnd wind.', '', 'r'.repeat(501), 'Rain\u0000', 'Rain \ud83c']
  expect(reasons.map((reason) => reasonFaults(reason).length)).toEqual([0, 0, 1, 1, 1, 1])
})

test('large numbers are told with separators', () => {
  const told = draftFaults({ ...terms, description: 'd'.repeat(2_001), capacity: 1_000_001 }, now)
  expect(told.map(({ message }) => message)).toEqual([
    expect.stringContaining('at most 2,000 characters'),
    expect.stringContaining('from 2 to 1,000,000'),
  ])
})

test('scores of every competition that is accepted fit the boards, and the seconds do, too', () => {
  const metrics = ['STEPS', 'DISTANCE', 'ACTIVE_ENERGY', 'ACTIVE_MINUTES', 'ELEVATION'] as const
  fc.assert(
    fc.property(fc.constantFrom(...metrics), fc.integer({ min: 1, max: 366 * 96 }), (metric, quarters) => {
      const endsAt = new Date(terms.startsAt.getTime() + quarters * 900_000)
      const accepted = draftFaults({ ...terms, metric, endsAt }, now).length === 0
      return !accepted || (fitsBoard(metric, quarters * 900_000) && quarters * 900 < 2 ** 25)
    }),
  )
  expect(SCORES_END).toBe(268_435_456)
  expect(fitsBoard('DISTANCE', 366 * DAY)).toBe(true)
  expect(fitsBoard('DISTANCE', 384 * DAY)).toBe(false)
})
