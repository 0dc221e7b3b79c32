import { expect, test } from '@jest/globals'
import { unauthenticated } from '../../platform/errors.ts'
import type { Authenticator } from './credentials.ts'
import { rememberCredentials } from './remembered-credentials.ts'

/** Credentials that end after `life` ms, by a clock that stands until it is moved. */
function open(life = Number.POSITIVE_INFINITY) {
  const state = { time: 1_000_000, verified: 0 }
  const expiresAt = life === Number.POSITIVE_INFINITY ? null : new Date(state.time + life)
  const verifying: Authenticator = {
    async authenticate(authorization) {
      state.verified++
      if (expiresAt && state.time > expiresAt.getTime() + 5) throw unauthenticated()
      if (authorization === 'forged') throw unauthenticated()
      return { identity: { kind: 'anonymous' }, expiresAt }
    },
    close() {},
  }
  return { state, ...rememberCredentials(verifying, { now: () => new Date(state.time), skew: 5 }) }
}

test('credentials are verified once in 30 seconds', async () => {
  const { authenticate, state } = open()
  await authenticate('a')
  state.time += 29_999
  await authenticate('a')
  expect(state.verified).toBe(1)
  await authenticate('b')
  expect(state.verified).toBe(2)
  state.time += 1
  await authenticate('a')
  expect(state.verified).toBe(3)
})

test('credentials that end are refused from that moment on', async () => {
  const { authenticate, state } = open(1_000)
  await authenticate('a')
  state.time += 1_004
  await authenticate('a')
  state.time += 2
  await expect(authenticate('a')).rejects.toThrow()
})

test('what was refused is verified again', async () => {
  const { authenticate, state } = open()
  await expect(authenticate('forged')).rejects.toThrow()
  await expect(authenticate('forged')).rejects.toThrow()
  expect(state.verified).toBe(2)
})
