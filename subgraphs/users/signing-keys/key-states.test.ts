import { expect, test } from '@jest/globals'
import {
  type KeyTimes,
  keyStates,
  nextRotation,
  PUBLISHED_AFTER,
  PUBLISHED_BEFORE,
  rotationAt,
} from './key-states.ts'

const MINUTE = 60_000 // ms
const DAY = 86_400_000 // ms
const PERIOD = 30 * DAY

const start = Date.parse('2026-05-01T00:00:00Z')
const at = (ms: number) => new Date(start + ms)
const key = (kid: string, ms: number): KeyTimes => ({ kid, signsFrom: at(ms) })

const statesAt = (keys: KeyTimes[], ms: number) =>
  Object.fromEntries(keyStates(keys, at(ms)).map(({ key, state }) => [key.kid, state.kind]))

test('a key is next, signs, is retired and is over, each in its time', () => {
  const keys = [key('new', DAY), key('old', 0)]
  expect(statesAt(keys, DAY - 1)).toEqual({ old: 'signing', new: 'next' })
  expect(statesAt(keys, DAY)).toEqual({ old: 'retired', new: 'signing' })
  expect(statesAt(keys, DAY + PUBLISHED_AFTER - 1)).toEqual({ old: 'retired', new: 'signing' })
  expect(statesAt(keys, DAY + PUBLISHED_AFTER)).toEqual({ old: 'over', new: 'signing' })
})

test('one key signs at every time, also before any is due to', () => {
  const keys = [key('a', 0), key('b', MINUTE), key('c', MINUTE), key('d', DAY)]
  for (const ms of [-DAY, 0, MINUTE - 1, MINUTE, DAY, 99 * DAY]) {
    const kinds = keyStates(keys, at(ms)).map(({ state }) => state.kind)
    expect(kinds.filter((kind) => kind === 'signing')).toHaveLength(1)
  }
  expect(statesAt(keys, -DAY).a).toBe('signing')
})

test('a key is published longer before it signs than gateways take to fetch it, and after for as long as its tokens hold', () => {
  expect(PUBLISHED_BEFORE).toBeGreaterThanOrEqual(2 * 5 * MINUTE)
  expect(PUBLISHED_AFTER).toBeGreaterThan(10 * MINUTE + 30_000)
})

test('the first key is made at once, and each next one before the last has signed for its period', () => {
  expect(rotationAt([], at(0), PERIOD)).toEqual({ make: at(0), over: [] })
  const keys = [key('a', 0)]
  expect(nextRotation(keys, PERIOD)).toEqual(at(PERIOD - PUBLISHED_BEFORE))
  expect(rotationAt(keys, at(PERIOD - PUBLISHED_BEFORE - 1), PERIOD).make).toBeNull()
  expect(rotationAt(keys, at(PERIOD - PUBLISHED_BEFORE), PERIOD).make).toEqual(at(PERIOD))
})

test('a rotation that comes late still leaves the new key its time before it signs', () => {
  expect(rotationAt([key('a', 0)], at(99 * DAY), PERIOD).make).toEqual(at(99 * DAY + PUBLISHED_BEFORE))
})

test('while a next key waits, none is made', () => {
  const keys = [key('a', 0), key('b', PERIOD)]
  expect(rotationAt(keys, at(PERIOD - 1), PERIOD)).toEqual({ make: null, over: [] })
})

test('keys that are over are to be deleted, for which there is a time of its own', () => {
  const keys = [key('a', 0), key('b', PERIOD)]
  expect(nextRotation(keys, PERIOD)).toEqual(at(PERIOD + PUBLISHED_AFTER))
  expect(rotationAt(keys, at(PERIOD + PUBLISHED_AFTER), PERIOD)).toEqual({ make: null, over: ['a'] })
})

test('years of the schedule leave two keys at most, and one that signs without a gap', () => {
  let keys: KeyTimes[] = []
  let made = 0
  const signers = new Set<string>()
  for (let time = 0; time < 2 * 365 * DAY; ) {
    const { make, over } = rotationAt(keys, at(time), PERIOD)
    keys = keys.filter(({ kid }) => !over.includes(kid))
    if (make) keys.push({ kid: `key ${made++}`, signsFrom: make })
    expect(keys.length).toBeLessThanOrEqual(2)
    for (const { key, state } of keyStates(keys, at(time))) if (state.kind === 'signing') signers.add(key.kid)
    const next = nextRotation(keys, PERIOD).getTime() - start
    expect(next).toBeGreaterThan(time)
    time = next
  }
  expect(made).toBe(Math.ceil((2 * 365) / 30))
  expect(signers.size).toBe(made)
})
