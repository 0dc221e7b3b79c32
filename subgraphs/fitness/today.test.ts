import { expect, test } from '@jest/globals'
import { silent } from '../../test/support/stores.ts'
import { todayStream } from './today.ts'

const day = (steps: number) => ({
  date: '2026-05-20',
  steps,
  distance: 0,
  activeEnergy: 0,
  activeMinutes: 0,
  elevation: 0,
})

/** A stream of a day that the test reads, counts and wakes by hand. */
function watched() {
  const reads: { answer: (steps: number) => void; fail: () => void }[] = []
  let wake = () => {}
  let listening = true
  const stream = todayStream({
    read: () =>
      new Promise((resolve, reject) => {
        reads.push({ answer: (steps) => resolve(day(steps)), fail: () => reject(new Error('away')) })
      }),
    listen(woken) {
      wake = woken
      return () => {
        listening = false
      }
    },
    logger: silent,
  })
  const settle = () => new Promise((resolve) => setImmediate(resolve))
  const next = async () => (await stream.next()).value?.steps
  return { stream, reads, next, settle, wake: () => wake(), listening: () => listening }
}

test('who is woken while reading reads once more, however often', async () => {
  const { reads, wake, next, settle } = watched()
  wake()
  wake()
  expect(reads).toHaveLength(1)
  reads[0]?.answer(1)
  expect(await next()).toBe(1)
  expect(reads).toHaveLength(2)
  reads[1]?.answer(2)
  expect(await next()).toBe(2)
  await settle()
  expect(reads).toHaveLength(2)
})

test('a slow reader gets the latest, and the same is not told twice', async () => {
  const { reads, wake, next, settle } = watched()
  for (const steps of [1, 1, 2, 3]) {
    wake()
    reads.at(-1)?.answer(steps)
    await settle()
    reads.at(-1)?.answer(steps)
    await settle()
  }
  expect(await next()).toBe(3)
})

test('a first read that fails ends the stream, a later one is made up for', async () => {
  const failed = watched()
  const first = failed.next()
  failed.reads[0]?.fail()
  await expect(first).rejects.toThrow('away')
  expect(failed.listening()).toBe(false)

  const { reads, wake, next, settle } = watched()
  reads[0]?.answer(1)
  expect(await next()).toBe(1)
  wake()
  reads[1]?.fail()
  await settle()
  wake()
  reads[2]?.answer(2)
  expect(await next()).toBe(2)
})

test('nobody listens for a stream that ended', async () => {
  const { stream, listening } = watched()
  await stream.return?.()
  expect(listening()).toBe(false)
})
