import { expect, test } from '@jest/globals'
import { eventually } from '../test-support/gateway.ts'
import { keepOpen } from './keep-open.ts'

const IDLE = 20 // ms

/** Something that is kept open, and what happened to it. */
function keep() {
  const happened: string[] = []
  const closers = new Set<() => Promise<void>>()
  const open = () => {
    happened.push('opened')
    return { close: async () => void happened.push('closed') }
  }
  return { happened, closers, kept: keepOpen(open, closers, IDLE) }
}

test('it is opened when it is first used, and stays open', async () => {
  const { happened, kept } = keep()
  expect(happened).toEqual([])
  kept.use().done()
  kept.use().done()
  await new Promise((resolve) => setTimeout(resolve, 3 * IDLE))
  expect(happened).toEqual(['opened'])
})

test('what is not wanted any more is closed once nobody uses it', async () => {
  const { happened, kept } = keep()
  const [first, second] = [kept.use(), kept.use()]
  kept.retire()
  first.done()
  first.done()
  await new Promise((resolve) => setTimeout(resolve, 3 * IDLE))
  expect(happened).toEqual(['opened'])
  second.done()
  await eventually(() => happened.length === 2)
})

test('who uses it after that has it opened and closed again', async () => {
  const { happened, kept } = keep()
  kept.use().done()
  kept.retire()
  await eventually(() => happened.length === 2)
  kept.use().done()
  await eventually(() => happened.length === 4)
  expect(happened).toEqual(['opened', 'closed', 'opened', 'closed'])
})

test('while it is open, it can be closed at once, whoever uses it', async () => {
  const { happened, closers, kept } = keep()
  expect(closers.size).toBe(0)
  kept.use()
  for (const close of closers) await close()
  expect(happened).toEqual(['opened', 'closed'])
  expect(closers.size).toBe(0)
})
