import { expect, test } from '@jest/globals'
import { silent } from '../../test/support/stores.ts'
import { type BoardRequest, emptySnapshot, type Snapshot } from './board.ts'
import { eventually } from './test-support.ts'
import { live, next } from './watch-test-support.ts'
import { createWatchers } from './watchers.ts'

/** Watchers of a board that a test announces changes of, and whose readings it answers. */
function openWatchers() {
  const reads: ((revision: number) => void)[] = []
  const listeners = new Set<() => void>()
  const read = (_: unknown, request: BoardRequest) =>
    new Promise<Snapshot>((resolve) => {
      reads.push((revision) => resolve({ ...emptySnapshot(request), revision }))
    })
  const watchers = createWatchers({
    boards: { read },
    signals: {
      listen(_, wake) {
        listeners.add(wake)
        return () => void listeners.delete(wake)
      },
    },
    logger: silent,
    timing: { tick: 1, check: 1_000_000 }, // ms
  })
  return {
    ...watchers,
    announce: () => listeners.forEach((wake) => void wake()),
    /** Answers a reading, once it has begun. */
    async answer(index: number, revision: number) {
      await eventually(
        () => reads.length,
        (count) => count > index,
      )
      reads[index]?.(revision)
    },
    readings: () => reads.length,
  }
}

test('changes that are announced while a board is read are read once more, all together', async () => {
  const { frames, announce, answer, readings } = openWatchers()
  const stream = frames(live('cup'), 10)
  announce()
  announce()
  expect(readings()).toBe(1)
  await answer(0, 1)
  expect(await next(stream)).toMatchObject({ revision: 1 })
  await answer(1, 3)
  expect(await next(stream)).toMatchObject({ revision: 3, previousRevision: 1 })
  announce()
  await answer(2, 4)
  expect(await next(stream)).toMatchObject({ revision: 4 })
  expect(readings()).toBe(3)
  await stream.return?.()
})

test('a reading that is older than what was shown is shown to nobody, and who comes then is shown the later one', async () => {
  const { frames, announce, answer } = openWatchers()
  const stream = frames(live('cup'), 10)
  await answer(0, 3)
  expect(await next(stream)).toMatchObject({ revision: 3 })
  const newcomer = frames(live('cup'), 10)
  await answer(1, 2)
  expect(await next(newcomer)).toMatchObject({ revision: 3, previousRevision: null })
  announce()
  await answer(2, 4)
  for (const one of [stream, newcomer]) {
    expect(await next(one)).toMatchObject({ revision: 4, previousRevision: 3 })
    await one.return?.()
  }
})
