import { expect, test } from '@jest/globals'
import type { Caller, Person } from '../../platform/identity.ts'
import { createSharing } from './shared.ts'
import { createManualTransport, mutation, query } from './test-support.ts'
import { SubgraphError } from './transport.ts'

const ann: Person = { kind: 'person', id: 'ann', role: 'USER', scopes: ['a'], sessionId: 's1' }
const by = (identity: Caller['identity'], requestId = 'r1') => ({
  ...query(),
  caller: { identity, requestId, address: '192.0.2.1', userAgent: requestId },
})

function open() {
  const { transport, asked } = createManualTransport()
  return { send: createSharing()(transport).send, asked }
}

test.each<Caller['identity']>([{ kind: 'anonymous' }, { kind: 'gateway' }, ann])(
  'equal queries of $kind in flight are one request, whatever request they belong to',
  async (identity) => {
    const { send, asked } = open()
    const answers = [send(by(identity, 'r1')), send(by(structuredClone(identity), 'r2'))]
    expect(asked).toHaveLength(1)
    asked[0]?.answer('{}')
    expect(await Promise.all(answers)).toEqual(['{}', '{}'])
    send(by(identity))
    expect(asked).toHaveLength(2)
  },
)

test.each<[string, Caller['identity']]>([
  ['nobody', { kind: 'anonymous' }],
  ['the gateway', { kind: 'gateway' }],
  ['another person', { ...ann, id: 'bob' }],
  ['another session', { ...ann, sessionId: 's2' }],
  ['another role', { ...ann, role: 'ADMIN' }],
  ['other scopes', { ...ann, scopes: ['a', 'b'] }],
])('nothing is shared with %s', (_, other) => {
  const { send, asked } = open()
  send(by(ann))
  send(by(other))
  expect(asked).toHaveLength(2)
})

test('other queries are other requests', () => {
  const { send, asked } = open()
  send(query('{"query":"{ a }"}'))
  send(query('{"query":"{ b }"}'))
  expect(asked.map(({ body }) => body)).toEqual(['{"query":"{ a }"}', '{"query":"{ b }"}'])
})

test('mutations are never shared', () => {
  const { send, asked } = open()
  send(mutation())
  send(mutation())
  expect(asked).toHaveLength(2)
})

test('what is asked after a mutation is not answered by what was read before it', async () => {
  const { send, asked } = open()
  const before = send(query())
  const change = send(mutation())
  asked[1]?.answer('changed')
  await change
  const after = send(query())
  const alike = send(query())
  expect(asked).toHaveLength(3)
  asked[0]?.answer('old')
  asked[2]?.answer('new')
  expect(await Promise.all([before, after, alike])).toEqual(['old', 'new', 'new'])
})

test('nor is what is asked of another subgraph', async () => {
  const sharing = createSharing()
  const [changed, read] = [createManualTransport(), createManualTransport()]
  const [writer, reader] = [sharing(changed.transport), sharing(read.transport)]
  const before = reader.send(query())
  const change = writer.send(mutation())
  const meanwhile = reader.send(query())
  expect(read.asked).toHaveLength(1)
  changed.asked[0]?.answer('changed')
  await change
  const answers = [before, meanwhile, reader.send(query()), reader.send(query())]
  expect(read.asked).toHaveLength(2)
  read.asked[0]?.answer('old')
  read.asked[1]?.answer('new')
  expect(await Promise.all(answers)).toEqual(['old', 'old', 'new', 'new'])
})

test('a mutation that fails may have changed something', async () => {
  const { send, asked } = open()
  send(query())
  const change = send(mutation())
  asked[1]?.fail(new SubgraphError('no answer within 5000 ms'))
  await expect(change).rejects.toThrow()
  send(query())
  expect(asked).toHaveLength(3)
})

test('when there is no answer, there is none for all, and the next one asks again', async () => {
  const { send, asked } = open()
  const answers = [send(query()), send(query())]
  asked[0]?.fail(new SubgraphError('gone'))
  for (const answer of answers) await expect(answer).rejects.toThrow('gone')
  send(query())
  expect(asked).toHaveLength(2)
})
