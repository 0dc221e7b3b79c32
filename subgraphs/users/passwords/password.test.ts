import { expect, test } from '@jest/globals'
import { hashPassword, isOutdated, passwordFault, verifyPassword } from './password.ts'

test('a long and uncommon password is good', () => {
  expect(passwordFault('violet kayak on the ridge', [])).toBeNull()
})

test.each([
  ['eleven-char', /at least 12/],
  ['x'.repeat(129), /at most 128/],
  ['password1234', /guessed first/],
  ['123456789012', /guessed first/],
  ['qwertyuiopas', /guessed first/],
])('%s is refused', (password, reason) => {
  expect(passwordFault(password, [])).toMatch(reason)
})

test("a password made of the person's own address is refused", () => {
  expect(passwordFault('ada.lovelace', ['ada.lovelace@example.com', 'ada.lovelace'])).toMatch(/guessed first/)
})

test('a hash verifies its password alone', async () => {
  const stored = await hashPassword('violet kayak on the ridge')
  expect(await verifyPassword(stored, 'violet kayak on the ridge')).toBe(true)
  expect(await verifyPassword(stored, 'violet kayak on the bridge')).toBe(false)
})

test('an unknown account verifies nothing, not even the password of the decoy', async () => {
  expect(await verifyPassword(null, 'nobody has this password')).toBe(false)
})

test('a hash of today is not outdated, one with other parameters is', async () => {
  expect(isOutdated(await hashPassword('violet kayak on the ridge'))).toBe(false)
  expect(isOutdated('$argon2id$v=19$m=4096,t=3,p=1$c2FsdHNhbHQ$aGFzaA')).toBe(true)
})
