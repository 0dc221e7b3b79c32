import { expect, test } from '@jest/globals'
import { isDamaged, isSame, type Look } from './board-check.ts'

const look = (change: {
  truth?: Partial<Look['truth']>
  rows?: Look['rows']
  board?: Partial<NonNullable<Look['board']>> | null
}): Look => ({
  truth: { revision: 10, state: 'LIVE', size: 1, ...change.truth },
  rows: change.rows ?? [{ userId: 'a', version: 2, packed: 70 }],
  board:
    change.board === null
      ? null
      : {
          revision: 10,
          state: 'LIVE',
          size: 1,
          people: new Map([['a', { version: 2, packed: 70 }]]),
          ...change.board,
        },
})

test('a board is the same when revision, state, size and people are', () => {
  expect(isSame(look({}))).toBe(true)
  expect(isSame(look({ board: null }))).toBe(false)
  expect(isSame(look({ board: { revision: 9 } }))).toBe(false)
  expect(isSame(look({ board: { state: 'PROVISIONAL' } }))).toBe(false)
  expect(isSame(look({ board: { size: 2 } }))).toBe(false)
  expect(isSame(look({ board: { people: new Map() } }))).toBe(false)
})

test('a change that was on its way and has arrived is no damage', () => {
  const first = look({ truth: { revision: 11 }, board: { revision: 10 } })
  expect(isDamaged(first, look({ truth: { revision: 12 }, board: { revision: 11 } }))).toBe(false)
})

test('a change that did not arrive is damage', () => {
  const first = look({ truth: { revision: 11 }, board: { revision: 10 } })
  expect(isDamaged(first, look({ truth: { revision: 11 }, board: { revision: 10 } }))).toBe(true)
  expect(isDamaged(first, look({ truth: { revision: 15 }, board: { revision: 10 } }))).toBe(true)
})

test('a board that is missing, or in an earlier state than it was to be, is damaged', () => {
  expect(isDamaged(look({}), look({ board: null }))).toBe(true)
  expect(isDamaged(look({ truth: { state: 'PROVISIONAL' } }), look({ truth: { revision: 20 } }))).toBe(true)
})

test('a difference that stays while nothing changes is damage', () => {
  const differs = look({ board: { size: 2 } })
  expect(isDamaged(differs, differs)).toBe(true)
})

test('while much changes, one person tells: of a lost version, or elsewhere in the same one', () => {
  const busy = { truth: { revision: 50 }, board: { revision: 49 } }
  const first = look(busy)
  const later = { truth: { revision: 70 } }
  const having = (version: number, packed: number) => ({
    revision: 69,
    people: new Map([['a', { version, packed }]]),
  })
  expect(isDamaged(first, look({ ...later, board: having(2, 70) }))).toBe(false)
  expect(isDamaged(first, look({ ...later, board: having(3, 80) }))).toBe(false)
  expect(isDamaged(first, look({ ...later, board: having(1, 70) }))).toBe(true)
  expect(isDamaged(first, look({ ...later, board: having(2, 71) }))).toBe(true)
})
