import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { parse } from 'graphql'
import type { Example } from '../gateway/docs/examples.ts'
import { documentedContract, examplesOf } from '../gateway/docs/test-support.ts'
import { hour, join, openCompetition, quarter, sync } from './support/operations.ts'
import { eventually, openTestSupergraph, type Person, type TestSupergraph } from './support/supergraph.ts'

const ERRORS = 'userErrors { code message field }'

const { docs } = documentedContract()
/** The examples of the page, by what they are of. */
const examples = examplesOf(docs).flatMap(([of, example]): [string, Example][] =>
  example ? [[of, example]] : [],
)
const isSubscription = ({ operation }: Example) => operation.startsWith('subscription')

let podium: TestSupergraph
let ada: Person
let key: string
/** What a reader puts in for what the examples leave open, by the name of the variable. */
let known: Record<string, string>
beforeAll(async () => {
  podium = await openTestSupergraph()
  ada = await podium.person('Ada')
  const start = quarter(podium.now(), -24)
  const competition = await openCompetition(ada, { startsAt: start, endsAt: quarter(podium.now(), 24) })
  await join(ada, competition)
  await sync(ada, [hour('one', 1_000, start)])
  const { secret } = await ada.mutate<{ secret: string }>(
    `mutation { createApiKey(input: { name: "A partner", scopes: ["schema:read", "account:read"] }) { secret ${ERRORS} } }`,
  )
  key = secret
  known = { id: competition, competitionId: competition, userId: ada.id }
  await eventually(
    () =>
      ask({
        operation: 'query ($id: ID!) { leaderboard(competitionId: $id) { totalCount } }',
        variables: { id: '…' },
        cost: null,
      }),
    ({ data }) => data?.leaderboard?.totalCount === 1,
  )
})
afterAll(() => podium.close())

type Answer = {
  // Each example has a result of its own.
  // biome-ignore lint/suspicious/noExplicitAny: above
  data?: any
  errors?: { message: string }[]
  extensions?: { cost: { estimated: number; actual: number } }
}

/** The body of a request with an example, as its reader would fill it in. */
function bodyOf({ operation, variables }: Example): string {
  const isOfPerson = /\buser\(/.test(operation)
  const given = Object.entries(variables).map(([name, value]) => {
    const unknown = name === 'id' && isOfPerson ? ada.id : known[name]
    return [name, value === '…' ? unknown : value]
  })
  return JSON.stringify({ query: operation, variables: Object.fromEntries(given) })
}

const post = (example: Example, accept: string) =>
  fetch(podium.url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      accept,
      'podium-cost': 'report',
    },
    body: bodyOf(example),
  })

async function ask(example: Example): Promise<Answer> {
  return (await (await post(example, 'application/graphql-response+json')).json()) as Answer
}

test.each(examples.filter(([, example]) => !isSubscription(example)))(
  'the example of %s runs and costs what it says',
  async (_, example) => {
    const { data, errors, extensions } = await ask(example)
    expect(errors).toBeUndefined()
    const [first] = Object.keys(data)
    expect(data[first ?? '']).not.toBeNull()
    expect(extensions?.cost.estimated).toBe(example.cost)
  },
)

test('the example of a filter finds something', async () => {
  const [, example] = examples.find(([of]) => of === 'CompetitionFilter') ?? []
  if (!example) throw new Error('there is no such example')
  const { data } = await ask(example)
  expect(data.competitions.edges).toHaveLength(1)
})

test.each(examples.filter(([, example]) => isSubscription(example)))(
  'the example of %s streams',
  async (_, example) => {
    const response = await post(example, 'text/event-stream')
    expect(response.status).toBe(200)
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    let told = ''
    while (!/^data: .*"(standings|moves)/m.test(told)) {
      const { value, done } = (await reader?.read()) ?? { done: true }
      if (done) throw new Error(`it ended: ${told}`)
      told += value
    }
    await reader?.cancel()
    expect(told).not.toContain('"errors"')
  },
)

test('the page tells a partner enough to ask: where, with what, and a first query as it stands', async () => {
  const { origin } = new URL(podium.url)
  const page = await (await fetch(`${origin}/docs`)).text()
  const text = page
    .replace(/<[^>]*>/g, '')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&')
  const [, url = '', body = ''] = /curl -s (\S+) [^']*(?:'[^'{]*'[^']*)*'(\{.*\})'/.exec(text) ?? []
  expect(() => parse(JSON.parse(body).query)).not.toThrow()
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body,
  })
  const { data, errors } = (await response.json()) as Answer
  expect(errors).toBeUndefined()
  expect(data.competitions.edges).toEqual([{ node: expect.objectContaining({ id: known.id }) }])
  const [first] = data.competitions.edges[0].node.leaderboard.standings.edges
  expect(first.node).toMatchObject({ rank: 1, user: { displayName: 'Ada' } })
})
