import { expect, test } from '@jest/globals'
import { warmUp } from './warm-up.ts'

/** An engine that notes what it compiles, and refuses some. */
function engine(compile: (query: string) => void = () => {}) {
  const compiled: string[] = []
  return {
    compiled,
    operation(query: string) {
      compile(query)
      compiled.push(query)
      return {} as never // nobody runs it
    },
  }
}

const kept = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ query: `{ f${index} }`, operationName: null }))

test('what was used last is compiled first, and what is no longer valid is left out', async () => {
  const warmed = engine((query) => {
    if (query === '{ f1 }') throw new Error('There is no f1.')
  })
  expect(await warmUp(warmed, kept(4))).toBe(3)
  expect(warmed.compiled).toEqual(['{ f0 }', '{ f2 }', '{ f3 }'])
})

test('it is bounded in number and in time', async () => {
  expect(await warmUp(engine(), kept(1_000))).toBe(100)
  const slow = engine(() => {
    for (const until = performance.now() + 10; performance.now() < until; );
  })
  expect(await warmUp(slow, kept(100), { time: 35 })).toBeLessThan(10)
})

test('requests are answered between two operations', async () => {
  let turns = 0
  const ticking = setInterval(() => turns++, 0)
  const slow = engine(() => {
    for (const until = performance.now() + 2; performance.now() < until; );
  })
  await warmUp(slow, kept(20))
  clearInterval(ticking)
  expect(turns).toBeGreaterThan(5)
})
