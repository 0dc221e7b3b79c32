import { expect, test } from '@jest/globals'
import { buildSchema, parse, print } from 'graphql'
import { resumable } from './resume.ts'

const schema = buildSchema(`
  type Query { a: Int }
  type Subscription { eventReceived(after: ID, kind: String): Event! stateChanged: State! }
  type Event { id: ID! title: String }
  type State { size: Int }
`)

const same = (query: string) => print(parse(query))

test('a state is subscribed to again as it was', () => {
  const operation = { query: 'subscription { stateChanged { size } }', variables: {} }
  const state = resumable(operation, schema)
  state.saw({ stateChanged: { size: 1 } })
  expect(state.everyEventCounts).toBe(false)
  expect(state.operation()).toBe(operation)
})

test('a log goes on after the last event that came', () => {
  const query = 'subscription($k: String) { new: eventReceived(kind: $k) { title } }'
  const log = resumable({ query, variables: { k: 'x' } }, schema)
  expect(log.everyEventCounts).toBe(true)
  expect(same(log.operation().query)).toBe(
    same(`
    subscription($k: String, $podiumResumeAfter: ID) {
      new: eventReceived(kind: $k, after: $podiumResumeAfter) { title podiumResumeId: id }
    }`),
  )
  expect(log.operation().variables).toEqual({ k: 'x', podiumResumeAfter: null })
  log.saw({ new: { title: 'one', podiumResumeId: '1' } })
  expect(log.operation().variables).toEqual({ k: 'x', podiumResumeAfter: '1' })
})

test.each([
  ['a variable', 'subscription($a: ID) { eventReceived(after: $a) { id } }', { a: '7' }],
  ['a default', 'subscription($a: ID = "7") { eventReceived(after: $a) { id } }', {}],
  ['a value', 'subscription { eventReceived(after: "7") { id } }', {}],
])('a log begins where the client says, by %s', (_, query, variables) => {
  const { query: sent, variables: values } = resumable({ query, variables }, schema).operation()
  expect(values).toEqual({ podiumResumeAfter: '7' })
  expect(same(sent)).toBe(
    same(`
    subscription($podiumResumeAfter: ID) {
      eventReceived(after: $podiumResumeAfter) { id podiumResumeId: id }
    }`),
  )
})
