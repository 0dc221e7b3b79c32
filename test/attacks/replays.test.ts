import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { identityOf, signedRequest } from '../support/raw.ts'
import { openTestSupergraph, type Person, type TestSupergraph } from '../support/supergraph.ts'

let podium: TestSupergraph
let ann: Person
beforeAll(async () => {
  podium = await openTestSupergraph()
  ann = await podium.person('Ann')
})
afterAll(() => podium.close())

/** What a gateway sends to the users subgraph on behalf of Ann. */
const captured = (query: string) => signedRequest(podium, 'users', identityOf(ann), query)

const change = 'mutation { updateProfile(input: { bio: "I walk." }) { viewer { id } userErrors { code } } }'
const codes = ({ errors = [] }: { errors?: { extensions: { code: string } }[] }) =>
  errors.map(({ extensions }) => extensions.code)

test('a signed mutation is carried out once, whoever sends it again', async () => {
  const send = captured(change)
  expect(await send()).toEqual({ data: { updateProfile: { viewer: { id: ann.id }, userErrors: [] } } })
  expect(codes(await send())).toEqual(['UNAUTHENTICATED'])
})

test('of many that come at once one is carried out', async () => {
  const send = captured(change)
  const answers = await Promise.all(Array.from({ length: 10 }, send))
  expect(answers.filter(({ errors }) => !errors).length).toBe(1)
})

test('a mutation that hides behind something else is known again, too', async () => {
  for (const hidden of [
    `# query\n${change}`,
    `\n ,${change}`,
    `fragment F on Viewer { id } ${change.replace('{ id }', '{ ...F }')}`,
  ]) {
    const send = captured(hidden)
    expect(codes(await send())).toEqual([])
    expect(codes(await send())).toEqual(['UNAUTHENTICATED'])
  }
})

test('what only reads may come again', async () => {
  const send = captured('{ viewer { id } }')
  expect(await send()).toEqual(await send())
})
