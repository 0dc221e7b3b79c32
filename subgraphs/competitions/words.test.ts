import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { queryOf, wordsOf } from './words.ts'

test('words have no case, accents or punctuation, and come once', () => {
  expect(wordsOf('Été à l’INSEE: 10k run/walk, RUN!')).toEqual([
    'ete',
    'a',
    'l',
    'insee',
    '10k',
    'run',
    'walk',
  ])
})

test('a search is for all of its words, or words that begin with them', () => {
  expect(queryOf('May st')).toBe("'may':* & 'st':*")
  expect(queryOf(' !?')).toBe('')
})

test('whatever is searched, a query has words and its own operators alone', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) =>
      /^('[\p{L}\p{N}]+':\*( & )?)*$/u.test(queryOf(text)),
    ),
  )
})
