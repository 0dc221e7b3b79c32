import { expect, test } from '@jest/globals'
import { isNameable, isPlainText } from './text.ts'

test.each(['', 'two\nlines', 'two\r\nlines', 'Ада 🏃‍♀️', 'שלום'])('%j is plain text', (text) => {
  expect(isPlainText(text)).toBe(true)
})

test.each(['\u0000', 'bell\u0007', 'half \ud800', 'delete\u007f'])('%j is not', (text) => {
  expect(isPlainText(text)).toBe(false)
})

test.each(['Ada', 'Ада 🏃‍♀️', '…', '42'])('%j can be a name', (text) => {
  expect(isNameable(text)).toBe(true)
})

test.each(['', ' ', '\u200b\u200b', 'two\nlines', 'two\u2028lines', 'abc\u202ecba', 'half \ud800'])(
  '%j cannot',
  (text) => {
    expect(isNameable(text)).toBe(false)
  },
)
