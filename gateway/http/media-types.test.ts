import { expect, test } from '@jest/globals'
import { acceptable, GRAPHQL_RESPONSE, isJson, JSON_RESPONSE } from './media-types.ts'

test.each([
  [undefined, JSON_RESPONSE],
  ['', JSON_RESPONSE],
  ['*/*', JSON_RESPONSE],
  ['application/*', JSON_RESPONSE],
  ['application/json', JSON_RESPONSE],
  ['application/json, text/plain, */*', JSON_RESPONSE],
  ['application/graphql-response+json', GRAPHQL_RESPONSE],
  ['Application/GraphQL-Response+JSON; charset=UTF-8', GRAPHQL_RESPONSE],
  ['application/graphql-response+json, application/json;q=0.9', GRAPHQL_RESPONSE],
  ['application/json, application/graphql-response+json', GRAPHQL_RESPONSE],
  ['application/graphql-response+json;q=0.5, application/json', JSON_RESPONSE],
  ['application/graphql-response+json;q=0, */*', JSON_RESPONSE],
  ['multipart/mixed;deferSpec=20220824', GRAPHQL_RESPONSE],
])('of %s the answer is %s', (header, type) => {
  expect(acceptable(header)?.success).toBe(type)
})

test.each([
  'text/html',
  'application/xml, image/*',
  'application/json;q=0',
  'application/json;charset=latin1',
])('to %s there is no answer', (header) => expect(acceptable(header)).toBeUndefined())

test('who knows application/json alone gets 200 for a document at fault', () => {
  expect(acceptable('application/json')?.isLegacy).toBe(true)
  for (const header of [
    '*/*',
    'application/json, */*',
    'application/graphql-response+json, application/json',
  ]) {
    expect(acceptable(header)?.isLegacy).toBe(false)
  }
})

test('results come in parts to who speaks the protocol of it', () => {
  for (const parts of [
    'multipart/mixed',
    'multipart/mixed;deferSpec=20220824',
    'multipart/mixed; deferSpec="20220824"',
  ]) {
    expect(acceptable(`${parts}, application/json`)?.multipart).toBe(true)
  }
  for (const others of [
    'multipart/mixed;incrementalSpec=v0.2',
    'multipart/mixed;subscriptionSpec=1.0',
    'multipart/*',
    '*/*',
  ]) {
    expect(acceptable(`${others}, application/json`)?.multipart).toBe(false)
  }
})

test.each([
  ['text/event-stream', 'sse', true],
  ['Text/Event-Stream; charset=utf-8', 'sse', true],
  ['text/event-stream, */*;q=0.1', 'sse', true],
  ['text/event-stream, application/json', 'sse', false],
  ['text/event-stream;q=0.5, application/json', 'sse', false],
  ['multipart/mixed;subscriptionSpec=1.0', 'multipart', false],
  ['multipart/mixed; boundary="graphql"; subscriptionSpec="1.0", application/json', 'multipart', false],
  ['multipart/mixed;subscriptionSpec=1.0;boundary=graphql;q=0.9, */*', 'multipart', false],
  ['multipart/mixed;deferSpec=20220824, multipart/mixed;subscriptionSpec=1.0', 'multipart', false],
  ['multipart/mixed;subscriptionSpec=1.0, text/event-stream', 'sse', true],
  ['multipart/mixed;subscriptionSpec=1.0, text/event-stream;q=0.9', 'multipart', true],
  ['application/json, text/event-stream;q=0', undefined, false],
  ['application/json, multipart/mixed;subscriptionSpec=1.0;q=0', undefined, false],
  ['multipart/mixed;subscriptionSpec=1.1, */*', undefined, false],
  ['multipart/mixed, */*', undefined, false],
  ['text/*, */*', undefined, false],
  [undefined, undefined, false],
])('of %s subscriptions come as %s, and it is %s that all else comes as events', (header, stream, events) => {
  expect(acceptable(header)).toMatchObject({ stream, events })
})

test('who wants events gets no parts', () => {
  expect(acceptable('text/event-stream, multipart/mixed')?.multipart).toBe(false)
})

test('a body is JSON in UTF-8', () => {
  for (const type of ['application/json', 'Application/JSON; Charset="utf-8"'])
    expect(isJson(type)).toBe(true)
  for (const type of [undefined, '', 'text/plain', 'application/jsonp', 'application/json; charset=utf-16']) {
    expect(isJson(type)).toBe(false)
  }
})
