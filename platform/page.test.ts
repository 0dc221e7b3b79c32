import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { decodeCursor, encodeCursor, pageSize, toPage } from './page.ts'

const badInput = expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT' } })

test('a cursor gives back the key it was made of', () => {
  fc.assert(
    fc.property(fc.tuple(fc.maxSafeInteger(), fc.string({ unit: 'binary' })), (key) => {
      const cursor = encodeCursor(key)
      expect(decodeCursor(cursor, ['number', 'string'])).toEqual(JSON.parse(JSON.stringify(key)))
      expect(encodeURIComponent(cursor)).toBe(cursor)
    }),
  )
})

test.each([
  ['not base64', '%%%'],
  ['not JSON', Buffer.from('[1,').toString('base64url')],
  ['no list', encodeCursor({ length: 2 } as unknown as [])],
  ['too short', encodeCursor([1])],
  ['too long', encodeCursor([1, 'a', 'b'])],
  ['of other types', encodeCursor(['1', 'a'])],
  ['a number that is no whole one', encodeCursor([1.5, 'a'])],
  ['a number past all exactness', encodeCursor([1e300, 'a'])],
  ['empty', ''],
])('a cursor that is %s is refused', (_, cursor) => {
  expect(() => decodeCursor<[number, string]>(cursor, ['number', 'string'])).toThrow(badInput)
})

test('no cursor is no key', () => {
  expect(decodeCursor(null, ['number'])).toBeNull()
  expect(decodeCursor(undefined, ['number'])).toBeNull()
})

test('a page has 1 to 100 entries, and a size of its own where none is asked for', () => {
  expect([pageSize(1, 20), pageSize(100, 20), pageSize(null, 20), pageSize(undefined, 20)]).toEqual([
    1, 100, 20, 20,
  ])
  for (const size of [0, -1, 101]) expect(() => pageSize(size, 20)).toThrow(badInput)
})

test('one row more than fits says that there is another page', () => {
  const rows = [{ id: 'a' }, { id: 'b' }, { id: 'c' }]
  const options = { key: (row: { id: string }) => [row.id] }
  const page = toPage(rows, 2, options)
  expect(page.edges.map(({ node }) => node.id)).toEqual(['a', 'b'])
  expect(page.pageInfo).toEqual({
    hasNextPage: true,
    hasPreviousPage: false,
    startCursor: encodeCursor(['a']),
    endCursor: encodeCursor(['b']),
  })
  const last = toPage(rows.slice(2), 2, { ...options, after: page.pageInfo.endCursor })
  expect(last.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true })
})

test('a page without rows has no cursors', () => {
  expect(toPage([], 2, { key: () => [] }).pageInfo).toEqual({
    hasNextPage: false,
    hasPreviousPage: false,
    startCursor: null,
    endCursor: null,
  })
})
