import { createServer, request, type Server } from 'node:http'
import { expect, test } from '@jest/globals'
import pg from 'pg'
import { readSubgraphConfig } from '../platform/config.ts'
import { startSubgraph } from '../subgraphs/start.ts'
import { board, hour, join, openCompetition, quarter, sync } from './support/operations.ts'
import {
  eventually,
  openTestSupergraph,
  type Person,
  settled,
  testEnvironment,
} from './support/supergraph.ts'

const PEOPLE = 50

test('a board of fifty people names them in one call to users and one SQL query', async () => {
  const environment = await testEnvironment()
  const users = await startSubgraph(readSubgraphConfig({ ...environment.env, USERS_PORT: '0' }, 'users'))
  const counted = await countingProxy(users.url)
  const podium = await openTestSupergraph({ USERS_URL: counted.url }, Promise.resolve(environment))
  try {
    const people: Person[] = []
    for (let index = 0; index < PEOPLE; index += 1) people.push(await podium.person(`P${index}`))
    const [organizer] = people
    if (!organizer) throw new Error('nobody')
    const startsAt = quarter(podium.now(), -24)
    const id = await openCompetition(organizer, { startsAt, endsAt: quarter(podium.now(), 24) })
    for (const [index, person] of people.entries()) {
      await join(person, id)
      await sync(person, [hour('h', 100 + index, startsAt)])
    }
    await eventually(
      () => board(organizer, id),
      (rows) => rows.length === PEOPLE,
    )
    await settled(podium.queue) // users hears of it all, too

    const statements = countStatements('podium users')
    counted.calls.length = 0
    const rows = await board(organizer, id)
    expect(rows.map(([, name]) => name).sort()).toEqual(people.map(({ name }) => name).sort())
    expect(counted.calls).toHaveLength(1)
    expect(statements.stop()).toHaveLength(1)
  } finally {
    await podium.close()
    await counted.close()
    await users.close()
  }
}, 180_000)

/** Passes requests on to a subgraph and notes those for GraphQL: its keys are fetched when it is time for that. */
async function countingProxy(target: string) {
  const calls: string[] = []
  const server: Server = createServer((incoming, outgoing) => {
    if (incoming.url === '/graphql') calls.push(incoming.url)
    const { method, headers, url = '' } = incoming
    const forwarded = request(new URL(url, target), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    incoming.pipe(forwarded)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `http://127.0.0.1:${address.port}/graphql`,
    calls,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Notes the statements that this process sends under an application name, without changing what they do. */
function countStatements(application: string) {
  const statements: unknown[] = []
  const { query } = pg.Client.prototype
  pg.Client.prototype.query = function (
    this: pg.Client & { connectionParameters?: { application_name?: string } },
    ...args: unknown[]
  ) {
    if (this.connectionParameters?.application_name === application) statements.push(args[0])
    return Reflect.apply(query, this, args)
  } as typeof query
  return {
    stop() {
      pg.Client.prototype.query = query
      return statements
    },
  }
}
