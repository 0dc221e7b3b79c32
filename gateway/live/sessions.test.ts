import { expect, jest, test } from '@jest/globals'
import type { Person } from '../../platform/identity.ts'
import { eventually } from '../test-support/gateway.ts'
import { watchSessions } from './sessions.ts'
import { quiet } from './test-support.ts'

const person: Person = { kind: 'person', id: 'ann', role: 'USER', scopes: [], sessionId: 'one' }

test('who comes back with a session that is over, before what held it has closed, is ended, too', async () => {
  const refused = JSON.stringify({ errors: [{ message: 'over', extensions: { code: 'UNAUTHENTICATED' } }] })
  const users = { send: async () => refused, close: async () => {} }
  const sessions = watchSessions({ users: () => users, every: 5, logger: quiet })
  const [ended, endedAgain] = [jest.fn(), jest.fn()]
  // The first is told and does not let go, as a client may that does not answer the close of its socket.
  sessions.hold(person, ended)
  await eventually(() => ended.mock.calls.length > 0)
  const release = sessions.hold(person, endedAgain)
  await eventually(() => endedAgain.mock.calls.length > 0)
  expect(ended).toHaveBeenCalledTimes(1)
  release()
  sessions.close()
})
