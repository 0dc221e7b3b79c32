import { afterEach, expect, jest, test } from '@jest/globals'
import type { Identity, Person } from '../../platform/identity.ts'
import { silent } from '../../test/support/stores.ts'
import { type EndedSessions, openEndedSessions } from '../access/ended-sessions.ts'
import { eventually } from '../test-support/gateway.ts'
import type { Transport } from '../transport/transport.ts'
import { type Sessions, watchSessions } from './sessions.ts'

const NEVER = 1_000_000 // ms

const closers: (() => void)[] = []
afterEach(() => closers.splice(0).forEach((close) => void close()))

/** On whose behalf users was asked. */
const asked: Identity[] = []

const person = (sessionId: string): Person => ({
  kind: 'person',
  id: 'ada',
  role: 'USER',
  scopes: [],
  sessionId,
})

/** Sessions of which the users subgraph answers this, and nobody else says anything. */
function watch({ answer, every }: { answer?: string; every?: number } = { every: NEVER }): {
  ended: EndedSessions
  sessions: Sessions
} {
  const ended = openEndedSessions({ redis: null, now: () => new Date(), logger: silent })
  const users: Transport | undefined =
    answer === undefined
      ? undefined
      : {
          async send({ caller }) {
            asked.push(caller.identity)
            return answer
          },
          close: async () => {},
        }
  const sessions = watchSessions({ users: () => users, every, ended, logger: silent })
  closers.push(sessions.close, ended.close)
  return { ended, sessions }
}

test('all that a session holds ends when it is heard to be over, and nothing else', () => {
  const { ended, sessions } = watch()
  const ends: string[] = []
  sessions.hold(person('one'), () => ends.push('first'))
  sessions.hold(person('one'), () => ends.push('second'))
  sessions.hold(person('two'), () => ends.push('of another'))
  const letGo = sessions.hold(person('one'), () => ends.push('gone'))
  letGo()
  ended.add('one')
  expect(ends).toEqual(['first', 'second'])
})

test('what begins just after its session ended is ended, too, once it can be let go of', async () => {
  const { ended, sessions } = watch()
  ended.add('one')
  const end = new Promise<() => void>((resolve) => {
    const letGo: () => void = sessions.hold(person('one'), () => resolve(letGo))
  })
  ;(await end)()
})

test('what is let go of at once is not ended afterwards', async () => {
  const { ended, sessions } = watch()
  ended.add('one')
  let isEnded = false
  sessions.hold(person('one'), () => {
    isEnded = true
  })()
  await new Promise(setImmediate)
  expect(isEnded).toBe(false)
})

test('a session that is found to be over is remembered as ended', async () => {
  const answer = JSON.stringify({ errors: [{ message: 'over', extensions: { code: 'UNAUTHENTICATED' } }] })
  const { ended, sessions } = watch({ answer, every: 1 })
  await new Promise<void>((resolve) => sessions.hold(person('one'), resolve))
  expect(ended.has('one')).toBe(true)
})

test('what nobody is told of ends within a minute', async () => {
  jest.useFakeTimers()
  try {
    const answer = JSON.stringify({ data: { viewer: null } })
    const { sessions } = watch({ answer })
    let isEnded = false
    sessions.hold(person('one'), () => {
      isEnded = true
    })
    await jest.advanceTimersByTimeAsync(60_000)
    expect(isEnded).toBe(true)
  } finally {
    jest.useRealTimers()
  }
})

test('what an API key holds ends when its owner has another role; the key need not be allowed to say so', async () => {
  asked.splice(0)
  const { sessions } = watch({ answer: '{"data":{"viewer":{"role":"USER"}}}', every: 1 })
  let isSameEnded = false
  sessions.hold({ ...person('same'), isProgram: true }, () => {
    isSameEnded = true
  })
  await new Promise<void>((resolve) =>
    sessions.hold({ ...person('other'), isProgram: true, role: 'ADMIN', scopes: ['users:admin'] }, resolve),
  )
  expect(asked).toContainEqual(expect.objectContaining({ sessionId: 'other', scopes: ['account:read'] }))
  // One that was asked about again goes on.
  const askedOfSame = () => asked.filter((each) => each.kind === 'person' && each.sessionId === 'same').length
  await eventually(() => askedOfSame() > 1)
  expect(isSameEnded).toBe(false)
})
