import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Competition, State } from './competition.ts'
import { cancelledState, dueStates, nextDue, openingOf, syncUntilOf } from './lifecycle.ts'

const start = Date.parse('2026-05-01T08:00:00Z')
const HOUR = 3_600_000 // ms
const at = (hours: number) => new Date(start + hours * HOUR)

/** Eight hours long, with four more for late syncs. */
const graceMinutes = 240
const draft = {
  startsAt: at(0),
  endsAt: at(8),
  minimumParticipants: 2,
  participantCount: 2,
  state: { status: 'DRAFT' } as State,
}

type Stage = typeof draft

const entered = (stage: Stage, states: State[]): Stage => ({ ...stage, state: states.at(-1) ?? stage.state })

const opened = (hours: number, change: Partial<Competition> = {}): Stage => {
  const stage = { ...draft, ...change }
  return entered(stage, openingOf(stage, graceMinutes, at(hours)))
}

const statuses = (states: State[]) => states.map(({ status }) => status)

test('a competition opens, starts, closes and is finalized, each when it is due', () => {
  let stage = opened(-5)
  const seen = [-1, 0, 7.99, 8, 11.99, 12, 100].map((hours) => {
    const states = dueStates(stage, at(hours))
    stage = entered(stage, states)
    return statuses(states)
  })
  expect(seen).toEqual([[], ['ACTIVE'], [], ['CLOSING'], [], ['FINALIZING'], []])
})

test('several steps that are due at once are taken in order', () => {
  expect(statuses(dueStates(opened(-5), at(12)))).toEqual(['ACTIVE', 'CLOSING', 'FINALIZING'])
})

test('too few participants at the start cancel it, and say why', () => {
  const [state, ...rest] = dueStates(opened(-5, { participantCount: 1 }), at(12))
  expect(state).toMatchObject({ status: 'CANCELLED', reason: expect.stringMatching('1 of at least 2') })
  expect(rest).toEqual([])
})

test('one that starts with enough goes on when people leave it later', () => {
  const active = entered(opened(-5), dueStates(opened(-5), at(0)))
  expect(statuses(dueStates({ ...active, participantCount: 0 }, at(8)))).toEqual(['CLOSING'])
})

test.each([0, 0.25, 7])(
  'one opened %d hours after its start is active at once, and judged at its end',
  (hours) => {
    const few = { ...draft, participantCount: 0 }
    const states = openingOf(few, graceMinutes, at(hours))
    expect(statuses(states)).toEqual(['OPEN', 'ACTIVE'])
    expect(statuses(dueStates(entered(few, states), at(8)))).toEqual(['CANCELLED'])
    expect(statuses(dueStates(entered(draft, states), at(8)))).toEqual(['CLOSING'])
  },
)

test('the time for late syncs is fixed when it opens', () => {
  expect(syncUntilOf(draft, 60)).toEqual(at(9))
  expect(syncUntilOf(opened(-5), 60)).toEqual(at(12))
})

test('it can be called off until its standings are being frozen', () => {
  const after = (hours: number) => entered(opened(-5), dueStates(opened(-5), at(hours))).state
  expect([-1, 0, 8, 12].map((hours) => cancelledState(after(hours), 'Rain.')?.status)).toEqual([
    'CANCELLED',
    'CANCELLED',
    'CANCELLED',
    undefined,
  ])
  expect(cancelledState(draft.state, 'Rain.')).toEqual({ status: 'CANCELLED', reason: 'Rain.', opened: null })
})

const anyStage = fc
  .record({
    participantCount: fc.integer({ min: 0, max: 4 }),
    minimumParticipants: fc.integer({ min: 1, max: 4 }),
    openedAfter: fc.integer({ min: -10, max: 7 }),
  })
  .map(({ openedAfter, ...counts }) => opened(openedAfter, counts))

const anyTimes = fc.array(fc.double({ min: -10, max: 20, noNaN: true }), { maxLength: 12 })

test('any steps of the clock pass the same states as one jump', () => {
  fc.assert(
    fc.property(anyStage, anyTimes, (first, times) => {
      let stage = first
      const stepped: State[] = []
      for (const hours of [...times].sort((a, b) => a - b)) {
        const states = dueStates(stage, at(hours))
        stepped.push(...states)
        stage = entered(stage, states)
      }
      expect(stepped).toEqual(dueStates(first, at(Math.max(-10, ...times))))
    }),
  )
})

test('a clock that goes back, or looks twice, changes nothing', () => {
  fc.assert(
    fc.property(anyStage, anyTimes, (first, times) => {
      let stage = first
      for (const hours of times) {
        stage = entered(stage, dueStates(stage, at(hours)))
        expect(dueStates(stage, at(hours))).toEqual([])
      }
      expect(stage).toEqual(entered(first, dueStates(first, at(Math.max(-10, ...times)))))
    }),
  )
})

test('after the steps that are due, the next one lies ahead', () => {
  fc.assert(
    fc.property(anyStage, fc.double({ min: -10, max: 20, noNaN: true }), (first, hours) => {
      const due = nextDue(entered(first, dueStates(first, at(hours))))
      expect(due === null || due > at(hours)).toBe(true)
    }),
  )
})
