import { createHash } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { noneTrusted } from '../documents/trusted.ts'
import { createPersistedQueries } from './persisted-queries.ts'
import { RequestError } from './request-error.ts'

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')
const ask = (query: string | undefined, sha256Hash: unknown, version: unknown = 1) => ({
  query,
  documentId: undefined,
  operationName: undefined,
  variables: undefined,
  extensions: { persistedQuery: { version, sha256Hash } },
})

/** What a request is refused with. */
function refusal(of: () => unknown) {
  try {
    of()
  } catch (error) {
    if (error instanceof RequestError)
      return { status: error.status, code: error.errors[0]?.extensions?.code }
    throw error
  }
}

test('a text is found by its hash once it was found to be in order', () => {
  const textOf = createPersistedQueries(noneTrusted)
  const hash = hashOf('{ a }')
  const given = textOf(ask('{ a }', hash))
  expect(refusal(() => textOf(ask(undefined, hash)))).toEqual({
    status: 200,
    code: 'PERSISTED_QUERY_NOT_FOUND',
  })
  given.keep?.()
  expect(textOf(ask(undefined, hash)).query).toBe('{ a }')
  expect(textOf(ask('{ a }', hash))).toEqual({ query: '{ a }' })
})

test.each([
  ['a hash of another text', ask('{ b }', hashOf('{ a }'))],
  ['another version', ask('{ a }', hashOf('{ a }'), 2)],
  ['a hash that is no text', ask('{ a }', { toString: 1 })],
  ['nothing at all', { ...ask(undefined, ''), extensions: undefined }],
])('%s is refused', (_, parameters) => {
  const textOf = createPersistedQueries(noneTrusted)
  textOf(ask('{ a }', hashOf('{ a }'))).keep?.()
  expect(refusal(() => textOf(parameters))).toEqual({ status: 400, code: 'BAD_REQUEST' })
})

test('the texts that were used last are kept, as far as there is room', () => {
  const textOf = createPersistedQueries(noneTrusted)
  const texts = Array.from({ length: 12 }, (_, index) => `${index}${'x'.repeat(1_000_000)}`)
  const first = hashOf(texts[0] ?? '')
  for (const text of texts) {
    textOf(ask(text, hashOf(text))).keep?.()
    textOf(ask(undefined, first))
  }
  expect(refusal(() => textOf(ask(undefined, hashOf(texts[1] ?? ''))))?.status).toBe(200)
  expect(textOf(ask(undefined, first)).query).toBe(texts[0])
})
