import { createHash, randomBytes } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { weaknessOf } from './weak-secret.ts'

test.each(['hex', 'base64', 'base64url'] as const)('what is random, in %s, is not weak', (encoding) => {
  // As random as hashes are, and the same at every run: one in millions has a word in it by chance.
  const secrets = Array.from({ length: 20_000 }, (_, index) =>
    createHash('sha256').update(`${index}`).digest().subarray(0, 24).toString(encoding).slice(0, 32),
  )
  expect(secrets.filter((secret) => weaknessOf(secret) !== null)).toEqual([])
})

test('five characters that are a word by chance make nothing weak', () => {
  expect(weaknessOf('H0SOlHOD1ByYOUR_qq0QXk-E453daX7f')).toBeNull()
})

test.each([
  'x'.repeat(32),
  `${'0'.repeat(31)}1`,
  `Q7f${'.'.repeat(29)}k2Zt9`,
  'abcdefgh'.repeat(4),
  'q8Zr5TmW2k'.repeat(4),
  'abababababababababababababababab',
  'abcdefghijklmnopqrstuvwxyz012345',
  '98765432109876543210987654321098',
  'my-super-Secret-that-nobody-knows-12',
  'change_me_before_production_9274',
  'your-secret-key-goes-here-8473921',
  `development-${randomBytes(32).toString('base64url')}`,
])('%s is weak', (secret) => {
  expect(weaknessOf(secret)).not.toBeNull()
})
