import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { framesOf, openGateway, type TestGateway } from '../test-support/gateway.ts'
import { openSubgraphs, type TestSubgraphs } from '../test-support/subgraphs.ts'

let subgraphs: TestSubgraphs
let gateway: TestGateway
beforeAll(async () => {
  subgraphs = await openSubgraphs()
  gateway = await openGateway(subgraphs, {
    config: { limits: { ...subgraphs.config.limits, socketsPerPerson: 20 } },
  })
})
afterAll(async () => {
  await gateway.close()
  await subgraphs.close()
})

const viewer = 'competition { viewerParticipation { user { id } } }'
const watched = `subscription { leaderboardChanged(competitionId: "cup") { ${viewer} } }`

/** Whom each of these tokens is told to be, in the first frame of one subscription. */
async function told(tokens: string[]): Promise<(string | undefined)[]> {
  const clients = tokens.map((accessToken) => gateway.watch({ connectionParams: { accessToken } }))
  try {
    const frames = await Promise.all(clients.map((client) => framesOf(client, watched).next()))
    return frames.map(({ value }) => value.data.leaderboardChanged.competition.viewerParticipation?.user.id)
  } finally {
    await Promise.all(clients.map((client) => client.dispose()))
  }
}

test('a person and their keys never share what depends on the viewer', async () => {
  const token = await subgraphs.issuer.token()
  const keys = [subgraphs.key(['account:read']), subgraphs.key([]), subgraphs.key(['account:write'])]
  const query = '{ viewer { id } competition(id: "cup") { viewerParticipation { user { id } } } }'
  const answers = await Promise.all(
    [token, ...keys].flatMap((each) => [1, 2, 3].map(() => gateway.ask(query, { token: each }))),
  )
  const seen = answers.map(
    ({ body: { data } }) => `${data.viewer?.id} ${data.competition.viewerParticipation?.user.id}`,
  )
  expect(seen).toEqual([...Array(6).fill('ann ann'), ...Array(6).fill('undefined undefined')])
  expect(await told([token, ...keys])).toEqual(['ann', 'ann', undefined, undefined])
})

test('an administrator and a key with just the scopes of one are two viewers', async () => {
  const scopes = ['users:admin']
  const token = await subgraphs.issuer.token({ claims: { role: 'ADMIN', scope: scopes.join(' ') } })
  const key = subgraphs.key(scopes, { role: 'ADMIN' })
  expect(await told([token, key, token])).toEqual(['ann', undefined, 'ann'])
})
