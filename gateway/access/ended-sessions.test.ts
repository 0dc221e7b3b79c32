import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { pino } from 'pino'
import { tellEndedSessions } from '../../platform/ended-sessions.ts'
import type { OpenRedis } from '../../platform/redis.ts'
import { openTestRedis, silent, testPrefix } from '../../test/support/stores.ts'
import type { Authenticator } from './credentials.ts'
import { type EndedSessions, openEndedSessions, refuseEnded } from './ended-sessions.ts'

let redis: OpenRedis
const open: EndedSessions[] = []
beforeAll(async () => {
  redis = await openTestRedis()
})
afterEach(() => open.splice(0).forEach((ended) => void ended.close()))
afterAll(() => redis.close())

const TOLD = 11 * 60_000 // ms

function remember(options: Partial<Parameters<typeof openEndedSessions>[0]> = {}) {
  const clock = { time: 1_000_000 }
  const ended = openEndedSessions({
    redis: null,
    now: () => new Date(clock.time),
    logger: silent,
    ...options,
  })
  open.push(ended)
  return { clock, ended }
}

const authenticator: Authenticator = {
  authenticate: async (session) => ({
    identity:
      session === undefined
        ? { kind: 'anonymous' }
        : { kind: 'person', id: 'ada', role: 'USER', scopes: [], sessionId: String(session) },
    expiresAt: null,
  }),
  close() {},
}

test('a session that ended is told to who listens, and refused from then on', async () => {
  const here = { ...redis, prefix: testPrefix() }
  const { clock, ended } = remember({ redis: here })
  const { authenticate } = refuseEnded(authenticator, ended)
  const heard = new Promise((resolve) => ended.listen(resolve))
  await authenticate('one')
  await tellEndedSessions(here, { sessionIds: ['one'], until: clock.time + TOLD })
  expect(await heard).toBe('one')
  await expect(authenticate('one')).rejects.toMatchObject({ extensions: { code: 'UNAUTHENTICATED' } })
  await authenticate('two')
  await authenticate(undefined)
})

test('what this gateway found out itself holds without Redis', async () => {
  const { ended } = remember()
  const { authenticate } = refuseEnded(authenticator, ended)
  ended.add('one')
  await expect(authenticate('one')).rejects.toMatchObject({ extensions: { code: 'UNAUTHENTICATED' } })
})

test('who does not listen any more is not told', () => {
  const { ended } = remember()
  const heard: string[] = []
  const stop = ended.listen((id) => heard.push(id))
  ended.add('one')
  stop()
  ended.add('two')
  expect(heard).toEqual(['one'])
})

test('a session is forgotten once none of its tokens can be good', () => {
  const { clock, ended } = remember()
  ended.add('one')
  clock.time += TOLD - 1
  expect(ended.has('one')).toBe(true)
  clock.time += 1
  expect(ended.has('one')).toBe(false)
})

test('what is told too late is not kept, and ends nothing', async () => {
  const here = { ...redis, prefix: testPrefix() }
  const { clock, ended } = remember({ redis: here })
  const heard: string[] = []
  const last = new Promise<void>((resolve) =>
    ended.listen((id) => {
      heard.push(id)
      if (id === 'new') resolve()
    }),
  )
  await tellEndedSessions(here, { sessionIds: ['old'], until: clock.time })
  await tellEndedSessions(here, { sessionIds: ['new'], until: clock.time + 1 })
  await last
  expect(heard).toEqual(['new'])
})

test('a hundred thousand are remembered, and the oldest is given up with a word in the log', () => {
  const lines: string[] = []
  const { ended } = remember({ logger: pino({}, { write: (line: string) => void lines.push(line) }) })
  for (let n = 0; n <= 100_000; n++) ended.add(`${n}`)
  expect(ended.has('0')).toBe(false)
  expect(ended.has('1')).toBe(true)
  expect(ended.has('100000')).toBe(true)
  expect(lines).toHaveLength(1)
})
