import { expect, test } from '@jest/globals'
import { isNameable } from '../../../platform/text.ts'
import { displayNameFrom } from './outside-name.ts'

test.each([
  ['Ada Lovelace', 'Ada Lovelace'],
  ['  Ada\r\n\tLovelace\u0000 ', 'Ada Lovelace'],
  ['\u202eecalevoL', 'ecalevoL'],
  ['Ада', 'Ада'],
  ['x'.repeat(51), 'x'.repeat(50)],
  ['😀'.repeat(60), '😀'.repeat(50)],
  ['Ada \ud800', 'Ada \ufffd'],
])('%j becomes a display name', (name, shown) => expect(displayNameFrom(name)).toBe(shown))

test.each([null, undefined, '', ' \n', '\u0000', '\u202e\u2066', '\u200b'])(
  'in place of %j there is a name that tells nothing',
  (name) => expect(displayNameFrom(name)).toBe('New member'),
)

test('whatever an issuer says, it becomes a name of 1 to 50 characters', () => {
  for (const name of ['\u0085', 'a\u2028b', `${' '.repeat(60)}a`, `${'a'.repeat(49)} b`]) {
    const shown = displayNameFrom(name)
    expect(isNameable(shown)).toBe(true)
    expect([...shown].length).toBeLessThanOrEqual(50)
    expect(shown).toBe(shown.trim())
  }
})
