import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { DAILY_ITEMS, startOfDay, type ToldToday, tellingOf } from './overtaking.ts'

const full = (last: Partial<NonNullable<ToldToday['last']>> = {}): ToldToday => ({
  items: DAILY_ITEMS,
  last: { id: 'last', read: false, moverIds: ['ada'], ...last },
})

test('the first three of a day get an item each', () => {
  for (const items of [0, 1, 2]) expect(tellingOf({ ...full(), items }, 'ada')).toEqual({ kind: 'new' })
})

test('a fourth goes into the last that is still unread', () => {
  expect(tellingOf(full(), 'grace')).toEqual({
    kind: 'merge',
    itemId: 'last',
    moverIds: ['ada', 'grace'],
    others: 1,
  })
})

test('a fourth is not told once the last was read', () => {
  expect(tellingOf(full({ read: true }), 'grace')).toEqual({ kind: 'nothing' })
})

test('who passes twice is one person', () => {
  expect(tellingOf(full({ moverIds: ['ada', 'grace'] }), 'ada')).toMatchObject({
    moverIds: ['grace', 'ada'],
    others: 1,
  })
})

test('an item counts its distinct movers, and remembers about a hundred of them', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 150 }).map(String), { minLength: 1 }), (movers) => {
      let moverIds: string[] = []
      for (const [index, mover] of movers.entries()) {
        const telling = tellingOf(full({ moverIds }), mover)
        if (telling.kind !== 'merge') throw new Error('not merged')
        const others = new Set(movers.slice(0, index + 1)).size - 1
        expect(telling.others).toBe(Math.min(others, telling.others < 100 ? others : telling.others))
        expect(telling.moverIds.at(-1)).toBe(mover)
        expect(telling.moverIds.length).toBeLessThanOrEqual(101)
        moverIds = telling.moverIds
      }
    }),
  )
})

test('a day begins at midnight UTC', () => {
  expect(startOfDay(new Date('2026-03-01T23:59:59.999Z'))).toEqual(new Date('2026-03-01T00:00:00Z'))
  expect(startOfDay(new Date('2026-03-01T00:00:00Z'))).toEqual(new Date('2026-03-01T00:00:00Z'))
})
