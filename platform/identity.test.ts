import { expect, test } from '@jest/globals'
import { type Caller, operationBody, type SignedCaller, signCaller, verifyCaller } from './identity.ts'

const now = new Date('2026-05-01T12:00:00Z')
const request = {
  subgraph: 'users' as const,
  body: '{"query":"{ viewer { id } }"}',
  secret: 's'.repeat(32),
  now,
}
const caller: Caller = {
  identity: { kind: 'person', id: 'ada', role: 'USER', scopes: ['a'], sessionId: 'session' },
  requestId: 'request',
  address: '192.0.2.1',
}
const signed = signCaller(caller, request)
const at = (ms: number) => ({ ...request, now: new Date(now.getTime() + ms) })

test.each<Caller['identity']>([caller.identity, { kind: 'anonymous' }, { kind: 'gateway' }])(
  'what was signed for $kind is what is verified',
  (identity) => {
    const each = { ...caller, identity }
    expect(verifyCaller(signCaller(each, request), request)).toEqual(each)
  },
)

test.each<[string, Partial<SignedCaller>]>([
  ['nothing', {}],
  ['a caller alone', { 'podium-caller': signed['podium-caller'] }],
  ['a signature alone', { 'podium-signature': signed['podium-signature'] }],
  ['an empty signature', { ...signed, 'podium-signature': '' }],
  ['a time without a signature', { ...signed, 'podium-signature': `${now.getTime()}.` }],
])('%s is refused', (_, headers) => {
  expect(verifyCaller(headers, request)).toBeNull()
})

test('a header sent twice is refused', () => {
  expect(verifyCaller({ ...signed, 'podium-signature': [signed['podium-signature']] }, request)).toBeNull()
})

test('a signature holds for 30 s, whichever clock is ahead', () => {
  expect(verifyCaller(signed, at(30_000))).toEqual(caller)
  expect(verifyCaller(signed, at(-30_000))).toEqual(caller)
  expect(verifyCaller(signed, at(30_001))).toBeNull()
  expect(verifyCaller(signed, at(-30_001))).toBeNull()
})

test('a signature is not made younger by writing another time before it', () => {
  const [, mac] = signed['podium-signature'].split('.')
  const later = at(60_000)
  const renewed = { ...signed, 'podium-signature': `${later.now.getTime()}.${mac}` }
  expect(verifyCaller(renewed, later)).toBeNull()
})

test('a request signed for another subgraph, with another secret or another body is refused', () => {
  expect(verifyCaller(signed, { ...request, subgraph: 'fitness' })).toBeNull()
  expect(verifyCaller(signed, { ...request, secret: 't'.repeat(32) })).toBeNull()
  expect(verifyCaller(signed, { ...request, body: request.body.replace('id', 'email') })).toBeNull()
})

test('an identity that was altered on the way is refused', () => {
  const admin = { ...caller, identity: { ...caller.identity, role: 'ADMIN' } }
  const altered = Buffer.from(JSON.stringify(admin)).toString('base64url')
  expect(verifyCaller({ ...signed, 'podium-caller': altered }, request)).toBeNull()
})

test('the body of an operation is its text and its variables', () => {
  const query = '{ viewer { id } }'
  expect(operationBody({ query })).toBe(operationBody({ query, variables: {} }))
  expect(operationBody({ query, variables: { id: 1 } })).not.toBe(
    operationBody({ query, variables: { id: 2 } }),
  )
})
