import { expect, test } from '@jest/globals'
import { anonymous, type Identity } from '../../platform/identity.ts'
import { createSocketQuota } from './socket-quota.ts'

const quota = () => createSocketQuota({ socketsPerPerson: 2, socketsPerKey: 3, socketsPerAddress: 4 })

test('whoever has an IPv6 network has one address, however many are in it', () => {
  const { enter, isFull } = quota()
  const places = Array.from({ length: 5 }, (_, n) => enter(`2001:db8::${n + 1}`))
  expect(places.map((place) => place?.claim(anonymous))).toEqual([true, true, true, true, false])
  expect(enter('2001:db8:0:1::1')?.claim(anonymous)).toBe(true)
  for (let n = 0; n < 98; n++) enter(`2001:db8::a:${n}`) // beside the one that found no place
  expect(isFull('2001:db8::b')).toBe(false)
  expect(enter('2001:db8::c')).not.toBeNull()
  expect(isFull('2001:db8::b')).toBe(true)
  expect(enter('2001:db8::b')).toBeNull()
  expect(isFull('2001:db8:0:1::b')).toBe(false)
})

test('a place that is left is another one’s', () => {
  const { enter } = quota()
  const ada: Identity = { kind: 'person', id: 'ada', role: 'USER', scopes: [], sessionId: 'one' }
  const [first, second, third] = ['192.0.2.1', '192.0.2.2', '192.0.2.3'].map((address) => enter(address))
  expect([first, second, third].map((place) => place?.claim(ada))).toEqual([true, true, false])
  expect(third?.claim({ ...ada, isProgram: true })).toBe(true)
  first?.release()
  expect(enter('192.0.2.3')?.claim(ada)).toBe(true)
})
