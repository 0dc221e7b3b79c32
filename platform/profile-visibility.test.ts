import { expect, test } from '@jest/globals'
import type { Person } from './identity.ts'
import { PROFILE_VISIBILITIES, seesProfile } from './profile-visibility.ts'

const person = (id: string, ...scopes: string[]): Person => ({
  kind: 'person',
  id,
  role: 'USER',
  scopes,
  sessionId: 'session',
})

test.each([
  ['the person', person('ada'), false, [true, true, true]],
  ['an administrator', person('eve', 'users:admin'), false, [true, true, true]],
  ['an administrator of something else', person('eve', 'competitions:admin'), false, [true, false, false]],
  ['who is in a competition with the person', person('eve'), true, [true, true, false]],
  ['a stranger', person('eve'), false, [true, false, false]],
  ['the anonymous', null, false, [true, false, false]],
] as const)('%s sees a profile as its person says', (_, viewer, compete, expected) => {
  const seen = PROFILE_VISIBILITIES.map((visibility) =>
    seesProfile(viewer, { userId: 'ada', visibility }, compete),
  )
  expect(seen).toEqual(expected)
})
