import { expect, test } from '@jest/globals'
import type { Caller } from '../../platform/identity.ts'
import { withCostInFirstFrame } from './first-frame.ts'
import { Frame } from './frame.ts'
import type { Outlet } from './outlet.ts'
import { createOutlet } from './test-support.ts'

const caller: Caller = { identity: { kind: 'anonymous' }, requestId: 'r1' }
const price = { estimated: 7, actual: () => ({ cost: 5, isClamped: false }) }

test('the first frame of a reader says what one costs; those after it are the frames of all', () => {
  const { outlet, written, ends } = createOutlet()
  let inner: Outlet | undefined
  const open = withCostInFirstFrame(
    (_, outlet) => {
      inner = outlet
      return { drained() {}, close() {} }
    },
    price,
    10,
  )
  open(caller, outlet)
  const frames = [1, 2, 3].map((ticks) => new Frame(JSON.stringify({ data: { ticks } }), ticks))
  for (const frame of frames) inner?.write(frame)
  inner?.complete()
  const [first, ...others] = written
  expect(JSON.parse(first?.result ?? '')).toEqual({
    data: { ticks: 1 },
    extensions: { cost: { estimated: 7, actual: 5, limit: 10 } },
  })
  expect(first?.changedAt).toBe(1)
  expect(others).toHaveLength(2)
  expect(others.every((frame, index) => frame === frames[index + 1])).toBe(true)
  expect(ends).toEqual(['complete'])
})
