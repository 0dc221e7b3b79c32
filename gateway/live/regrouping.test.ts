import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { eventually, framesOf, openGateway, type TestGateway } from '../test-support/gateway.ts'
import { openSubgraphs, type TestSubgraphs } from '../test-support/subgraphs.ts'

const query = 'subscription { leaderboardChanged(competitionId: "cup") { revision state } }'

const sdl = readFileSync(new URL('../../schema/supergraph.graphql', import.meta.url), 'utf8')
/** The same supergraph, save that the state of a board depends on who asks. */
const dependent = sdl.replace(/type LeaderboardFrame\b[^}]*state: LeaderboardState!/, '$& @perViewer')

let folder: string
let file: string
let subgraphs: TestSubgraphs
let gateway: TestGateway
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'podium-regrouping-'))
  file = join(folder, 'supergraph.graphql')
  writeFileSync(file, sdl)
  subgraphs = await openSubgraphs()
  gateway = await openGateway(subgraphs, { config: { supergraph: file }, poll: 20, spread: 50 })
})
afterEach(async () => {
  await gateway.close()
  await subgraphs.close()
  rmSync(folder, { recursive: true })
})

test('what comes to depend on the viewer is not shared any more, and then it is again, while its readers read on', async () => {
  const readers = await Promise.all(
    ['ann', 'bob'].map(async (sub) => {
      const authorization = `Bearer ${await subgraphs.issuer.token({ claims: { sub } })}`
      const client = gateway.watch({ connectionParams: { authorization } })
      return { client, frames: framesOf(client, query) }
    }),
  )
  let revision = 0
  /** Waits until so many groups read the board, and has all readers see the next change of it. */
  const areGroups = async (count: number) => {
    await eventually(() => subgraphs.board.readers.size === count)
    subgraphs.board.publish(++revision)
    for (const { frames } of readers) {
      let shown: { revision?: number } = {}
      while (shown.revision !== revision) shown = (await frames.next()).value.data.leaderboardChanged
      expect(shown).toEqual({ revision, state: 'LIVE' })
    }
    await eventually(() => subgraphs.board.readers.size === count)
  }
  await areGroups(1)
  writeFileSync(file, dependent)
  await areGroups(2)
  writeFileSync(file, sdl)
  await areGroups(1)
  for (const { client } of readers) await client.dispose()
})
