import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { escaped, jsonText } from './json-text.ts'

const unit = fc.oneof(
  fc.constantFrom('a', '"', '\\', '\n', '\u2028', '\ud83d', '\udc4d', '\u0000'),
  fc.string({ unit: 'binary' }),
)

/** Every test run tries the same, so that it fails for what has changed. */
const SEED = 20_261_121

test('a string is quoted as JSON.stringify does, whatever it holds and however long it is', () => {
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 100 }), (units) => {
      expect(`"${escaped(units.join(''))}"`).toBe(JSON.stringify(units.join('')))
      expect(jsonText(units.join(''))).toBe(JSON.stringify(units.join('')))
    }),
    { seed: SEED },
  )
})
