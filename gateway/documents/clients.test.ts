import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client/core'
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { buildSchema } from 'graphql'
import { pino } from 'pino'
import { runToEnd } from '../../test/support/processes.ts'
import { limits } from '../test-support/front.ts'
import { eventually, openGateway, type TestGateway } from '../test-support/gateway.ts'
import { openSubgraphs, type TestSubgraphs } from '../test-support/subgraphs.ts'
import { openTrustedDocuments } from './open.ts'

let folder: string
let subgraphs: TestSubgraphs
let gateway: TestGateway
let manifest: { operations: { id: string; name: string }[] }
const document = 'query Card($id: ID!) { user(id: $id) { displayName } }'
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'podium-clients-'))
  const file = join(folder, 'manifest.json')
  writeFileSync(join(folder, 'card.graphql'), document)
  const { stdout } = await runToEnd('local/documents/main.ts', [folder, '--add-typename'], {})
  manifest = JSON.parse(stdout)
  writeFileSync(file, stdout)
  subgraphs = await openSubgraphs()
  gateway = await openGateway(subgraphs, { config: { trustedDocuments: { file, only: true } } })
})
afterAll(async () => {
  await gateway.close()
  await subgraphs.close()
  rmSync(folder, { recursive: true })
})

test.each([true, false])(
  'Apollo Client asks by the ids of the manifest, by GET: %p',
  async (useGETForHashedQueries) => {
    const sent: string[] = []
    const spy: typeof fetch = (input, init) => {
      sent.push(`${init?.method} ${input} ${init?.body ?? ''}`)
      return fetch(input, init)
    }
    const client = new ApolloClient({
      cache: new InMemoryCache(),
      link: ApolloLink.from([
        new PersistedQueryLink({
          generateHash: ({ definitions: [first] }) =>
            manifest.operations.find(({ name }) => first && 'name' in first && name === first.name?.value)
              ?.id ?? '',
          useGETForHashedQueries,
        }),
        new HttpLink({ uri: gateway.url, fetch: spy }),
      ]),
    })
    const { data } = await client.query({ query: gql(document), variables: { id: 'ada' } })
    expect(data).toEqual({ user: { __typename: 'User', displayName: 'Person ada' } })
    expect(sent).toHaveLength(1)
    expect(sent[0]).toMatch(useGETForHashedQueries ? /^GET / : /^POST /)
    expect(sent[0]).not.toMatch('displayName')

    const other = client.query({ query: gql('query Other { viewer { id } }') })
    await expect(other).rejects.toThrow('Only the documents that apps were built with run here')
    client.stop()
  },
)

test('what cannot run is logged when its manifest is read', async () => {
  const file = join(folder, 'stale.json')
  const deep = `{ a ${'{ a '.repeat(20)}${'}'.repeat(20)} }`
  writeFileSync(file, JSON.stringify({ good: '{ a { c } }', gone: 'query Gone { b }', deep }))
  const logged: { level: number; id?: string; faults?: string[] }[] = []
  const logger = pino({ base: null }, { write: (line: string) => void logged.push(JSON.parse(line)) })
  const trusted = await openTrustedDocuments({
    config: { trustedDocuments: { file, only: false }, limits },
    schema: () => buildSchema('type Query { a: Query c: Int }'),
    logger,
  })
  await eventually(() => logged.some(({ id }) => id === 'deep'))
  expect(logged.filter(({ level }) => level === 40)).toMatchObject([
    { id: 'gone', faults: [expect.stringMatching(/^Cannot query field "b"/)] },
    { id: 'deep', faults: ['An operation may have 12 levels of fields at most.'] },
  ])
  await trusted.close()
})
