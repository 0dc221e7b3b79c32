import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { next, openProcesses, type Processes } from './process-test-support.ts'

let processes: Processes
beforeAll(async () => {
  processes = await openProcesses()
})
afterEach(() => processes.returnStreams())
afterAll(() => processes.close())

test('a stream brings what comes, to its own person alone, from whichever process', async () => {
  const elsewhere = await processes.open()
  const [ada, grace] = [randomUUID(), randomUUID()]
  await processes.tell(ada, 'Before')
  const stream = await processes.listen(ada, null, elsewhere)
  const received = next(stream)
  await processes.tell(grace, 'Not hers')
  await processes.tell(ada, 'Spring Steps')
  expect((await received).title).toBe('Spring Steps has started')
})

test('a stream begins after the item named, oldest first', async () => {
  const userId = randomUUID()
  for (const name of ['One', 'Two', 'Three']) await processes.tell(userId, name)
  const replay = await processes.listen(userId, (await processes.newest(userId, 3))[2]?.id)
  expect([(await next(replay)).title, (await next(replay)).title]).toEqual([
    'Two has started',
    'Three has started',
  ])
})

test.each([
  ['unknown', async () => randomUUID()],
  ['malformed', async () => 'malformed'],
  [
    'a stranger’s',
    async () => {
      const stranger = randomUUID()
      await processes.tell(stranger, 'Spring Steps')
      return (await processes.newest(stranger, 1))[0]?.id
    },
  ],
])('a stream cannot begin after an item that is %s', async (_, after) => {
  await expect(processes.listen(randomUUID(), await after())).rejects.toMatchObject({
    extensions: { code: 'BAD_USER_INPUT' },
  })
})

test('a reader who reconnects again and again while things happen gets each once and in order', async () => {
  const userId = randomUUID()
  await processes.tell(userId, 'First')
  let last = (await processes.newest(userId, 1))[0]?.id ?? ''
  const competitions = await Promise.all(Array.from({ length: 60 }, () => processes.competitionOf(userId)))
  const writing = Promise.all(
    competitions.map((competitionId) => processes.handle['competition.started']({ competitionId })),
  )
  const received: string[] = []
  while (received.length < 60) {
    const stream = await processes.listen(userId, last)
    for (let left = 1 + (received.length % 7); left > 0 && received.length < 60; left--) {
      last = (await next(stream)).id
      received.push(last)
    }
    await stream.return?.()
  }
  await writing
  expect(received).toEqual((await processes.newest(userId, 60)).map(({ id }) => id).reverse())
})

test('what happens while Redis is away arrives as soon as it is back', async () => {
  const elsewhere = await processes.open()
  const userId = randomUUID()
  const stream = await processes.listen(userId, null, elsewhere)
  const received = next(stream)
  const back = new Promise((resolve) => elsewhere.redis.subscriber.once('ready', resolve))
  elsewhere.redis.subscriber.disconnect(true)
  await processes.tell(userId, 'Spring Steps')
  await back
  expect((await received).title).toBe('Spring Steps has started')
})

test('a handler succeeds while Redis is away', async () => {
  const alone = await processes.open()
  alone.redis.close()
  const userId = randomUUID()
  const competitionId = await processes.competitionOf(userId)
  await alone.subgraph.handlers['competition.started']?.({ competitionId })
  expect(await processes.newest(userId, 1)).toHaveLength(1)
})

test('a stream that waits can be returned', async () => {
  const stream = await processes.listen(randomUUID())
  const waiting = stream.next()
  await stream.return?.()
  expect((await waiting).done).toBe(true)
})
