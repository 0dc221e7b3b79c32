import { createHash } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { digestStandings } from './final-standings.ts'

test('the digest is the SHA-256 of the documented text', () => {
  const { add, digest } = digestStandings('c')
  const achievedAt = new Date('2026-01-31T07:30:00.250Z')
  add([{ rank: 1, userId: 'b', score: 7, achievedAt }])
  add([{ rank: 1, userId: 'a', score: 7, achievedAt }])
  const text = 'podium standings 1 c\n1 b 7 2026-01-31T07:30:00.250Z\n1 a 7 2026-01-31T07:30:00.250Z\n'
  expect(digest()).toBe(createHash('sha256').update(text).digest('hex'))
})
