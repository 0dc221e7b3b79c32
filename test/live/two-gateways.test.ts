import { afterEach, expect, test } from '@jest/globals'
import { hour, join, openCompetition, quarter, sync } from '../support/operations.ts'
import { startProcess } from '../support/processes.ts'
import { openTestSupergraph } from '../support/supergraph.ts'
import { openViewer } from '../support/viewer.ts'

/** Changes that are each waited for, on every gateway. */
const CHANGES = 60
/** Viewers of each gateway. */
const VIEWERS = 3

type Board = { leaderboardChanged: { standings: { score: number; user: { displayName: string } | null }[] } }

const WATCH = `subscription ($id: ID!) {
  leaderboardChanged(competitionId: $id) { standings { score user { displayName } } }
}`

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

test('readers of two gateways see every change, and those of one do not notice that the other goes', async () => {
  const podium = await openTestSupergraph()
  closers.push(podium.close)
  const urls = Object.entries(podium.subgraphs).map(([name, url]) => [`${name.toUpperCase()}_URL`, url])
  const env = { ...podium.env, ...Object.fromEntries(urls) }
  const gateways = await Promise.all([1, 2].map(() => startProcess('gateway/main.ts', [], env)))
  closers.push(() => Promise.all(gateways.map((gateway) => gateway.end('SIGKILL'))))

  const startsAt = quarter(podium.now(), -24)
  const ann = await podium.person('Ann')
  const id = await openCompetition(ann, { startsAt, endsAt: quarter(podium.now(), 24) })
  await join(ann, id)
  const groups = gateways.map(({ url }) =>
    Array.from({ length: VIEWERS }, () => openViewer<Board>(url, { query: WATCH, variables: { id } })),
  )
  const [leaving = [], staying = []] = groups
  closers.push(() => Promise.all(groups.flat().map((viewer) => viewer.leave())))

  let score = 0
  const change = async (index: number) => {
    score += 1 + index
    await sync(ann, [hour(`record ${index}`, 1 + index, new Date(startsAt.getTime() + index * 900_000))])
  }
  const shows = ({ leaderboardChanged }: Board) => {
    const [first] = leaderboardChanged.standings
    return first?.score === score && first.user?.displayName === 'Ann'
  }

  for (let index = 0; index < CHANGES; index += 1) {
    await change(index)
    await Promise.all(groups.flat().map((viewer) => viewer.until(shows)))
  }

  await gateways[0]?.end('SIGKILL')
  await change(CHANGES)
  await Promise.all(staying.map((viewer) => viewer.until(shows)))
  expect(staying.flatMap(({ closes }) => closes)).toEqual([])
  await Promise.all(leaving.map((viewer) => viewer.closed()))
  expect(leaving.map(({ closes }) => closes[0])).toEqual(leaving.map(() => 1006))
}, 180_000)
