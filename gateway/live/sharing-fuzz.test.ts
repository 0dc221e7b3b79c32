import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Client } from 'graphql-ws'
import type { subgraphNames } from '../../platform/names.ts'
import { type Answer, eventually, openGateway, type TestGateway } from '../test-support/gateway.ts'
import { openSubgraphs, type TestSubgraphs } from '../test-support/subgraphs.ts'

/** SHARING_SEED and SHARING_PHASES are for longer runs by hand. */
const seed = Number(process.env.SHARING_SEED ?? 4)
const phases = Number(process.env.SHARING_PHASES ?? 5)
const STEPS = 60 // of one phase
const CHECK = 60 // ms
/** How long after a change of rights every reader has been judged again, and after how long that has not happened. */
const JUDGED = 1_500 // ms
const TOO_LATE = 40_000 // ms
const ROUND = 200 // ms that frames have to come, at least

const viewers = ['ann', 'bob', 'eve', null] as const
type Viewer = (typeof viewers)[number]

const boards = [
  'subscription { leaderboardChanged(competitionId: "cup") { revision standings { user { displayName } } } }',
  'subscription { leaderboardChanged(competitionId: "cup") { revision competition { name organizer { displayName } } } }',
  'subscription { leaderboardChanged(competitionId: "shield", first: 3) { revision standings { user { displayName } } } }',
]
const own = [
  'subscription { leaderboardChanged(competitionId: "cup") { revision competition { viewerParticipation { user { displayName } } } } }',
  `subscription { board: leaderboardChanged(competitionId: "cup") { ...Mine } }
   fragment Mine on LeaderboardFrame { revision standings { user { displayName } } competition { name mine: viewerParticipation { user { id displayName } } } }`,
]

type Person = { id?: string; displayName?: string } | null
type Board = {
  revision: number
  standings?: { user: Person }[]
  competition?: {
    name?: string
    organizer?: Person
    viewerParticipation?: { user: Person } | null
    mine?: { user: Person } | null
  } | null
}
type Socket = { viewer: Viewer; client: Client; isOpen: boolean }
type Reader = {
  viewer: Viewer
  query: string
  /** Those that came, and when, in ms. */
  frames: { board: Board; at: number; text: string }[]
  ended: { errors: unknown } | null
  leave(): void
}

let subgraphs: TestSubgraphs
let gateway: TestGateway
const unhandled: unknown[] = []
const note = (error: unknown) => void unhandled.push(error)
beforeAll(async () => {
  process.on('unhandledRejection', note)
  subgraphs = await openSubgraphs()
  const limits = { ...subgraphs.config.limits, subscriptionsPerSocket: 1_000, socketsPerPerson: 50, socketsPerAddress: 50 } // biome-ignore format: one line
  gateway = await openGateway(subgraphs, { admissionCheck: CHECK, patience: 60_000, config: { limits } })
})
afterAll(async () => {
  await gateway.close()
  await subgraphs.close()
  process.off('unhandledRejection', note)
})

/** Numbers from 0 to 1, the same ones for the same seed (mulberry32). */
function createRandom(seed: number) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const random = createRandom(seed)
const below = (limit: number) => Math.floor(random() * limit)
const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T

/** What viewers may see. What anyone may, everyone may. */
const rights = { boards: new Map<Viewer, boolean>(), people: new Map<Viewer, boolean>() }
function changeRights(viewer: Viewer): void {
  rights.boards.set(viewer, random() < 0.7)
  rights.people.set(viewer, random() < 0.6)
}
const sees = (what: keyof typeof rights, viewer: Viewer) =>
  rights[what].get(viewer) === true || rights[what].get(null) === true

async function openSocket(viewer: Viewer): Promise<Socket> {
  const authorization =
    viewer && `Bearer ${await subgraphs.issuer.token({ claims: { sub: viewer, sid: `of ${viewer}` } })}`
  const client = gateway.watch({ connectionParams: authorization === null ? {} : { authorization } })
  const socket = { viewer, client, isOpen: false }
  client.on('connected', () => {
    socket.isOpen = true
  })
  client.on('closed', () => {
    socket.isOpen = false
  })
  return socket
}

function read(client: Client, viewer: Viewer, query: string): Reader {
  const reader: Reader = { viewer, query, frames: [], ended: null, leave: () => {} }
  reader.leave = client.subscribe<Record<string, unknown>>(
    { query },
    {
      next(answer) {
        const { data } = answer as Answer
        const board: Board | undefined = data?.leaderboardChanged ?? data?.board
        if (board) reader.frames.push({ board, at: Date.now(), text: JSON.stringify(data) })
      },
      error(errors) {
        reader.ended = { errors }
      },
      complete() {
        reader.ended ??= { errors: null }
      },
    },
  )
  return reader
}

const peopleOf = ({ standings, competition }: Board) =>
  [...(standings ?? []).map(({ user }) => user), competition?.organizer].filter((person) => person)

/** Whether a frame tells of a viewer who is not the one it came to. */
function isForeign({ viewer, frames }: Reader): boolean {
  return frames.some(({ board: { competition } }) =>
    [competition?.viewerParticipation, competition?.mine].some(
      (mine) =>
        mine && (viewer === null || (mine.user?.displayName ?? `Person ${viewer}`) !== `Person ${viewer}`),
    ),
  )
}

/**
 * Whether revisions went back from `since` on. While rights change a reader may come to share frames of a group that is
 * behind the one it was in, if its operation is shared at all.
 */
function isGoingBack({ query, frames }: Reader, since: number): boolean {
  const counted = own.includes(query) ? frames : frames.filter(({ at }) => at > since)
  return counted.some(({ board }, index) => board.revision < (counted[index - 1]?.board.revision ?? 0))
}

/** Whether a reader has come to be told what `twin`, who came later for the same, is told. */
const isToldAs = (reader: Reader, twin: Reader) =>
  reader.ended !== null ||
  (twin.ended === null && twin.frames.length > 0 && reader.frames.at(-1)?.text === twin.frames.at(-1)?.text)

const areTold = (twins: ReadonlyMap<Reader, Reader>) =>
  [...twins].every(([reader, twin]) => isToldAs(reader, twin))

/** The frames from `since` on that tell more than their reader may see. */
const tooMuchOf = (readers: Reader[], since: number) =>
  readers
    // Who watches what is theirs alone is judged by the subgraph, within 30 s.
    .filter(({ query }) => !own.includes(query))
    .flatMap(({ viewer, frames }) => frames.filter(({ at, board }) => at > since && isTooMuch(viewer, board)))

const isTooMuch = (viewer: Viewer, board: Board) =>
  !sees('boards', viewer) || (peopleOf(board).length > 0 && !sees('people', viewer))

test('readers come and go, rights change and subgraphs stop, and nobody is shown what is somebody else’s', async () => {
  subgraphs.world.seesBoards = (viewer) => rights.boards.get(viewer as Viewer) === true
  subgraphs.world.seesPeople = (viewer) => rights.people.get(viewer as Viewer) === true
  for (const viewer of viewers) changeRights(viewer)
  const sockets: Socket[] = []
  for (const viewer of [...viewers, ...viewers]) sockets.push(await openSocket(viewer))
  const readers = new Set<Reader>()
  const gone: Reader[] = []
  const stopped = new Set<(typeof subgraphNames)[number]>()
  let revision = 0
  const publish = () => subgraphs.board.publish(++revision)

  const join = () => {
    const { viewer, client } = pick(sockets)
    readers.add(read(client, viewer, pick(random() < 0.7 ? boards : own)))
  }
  const leave = () => {
    const reader = pick([...readers])
    if (!reader) return
    reader.leave()
    readers.delete(reader)
    gone.push(reader)
  }
  const restart = async () => {
    const name = pick(['leaderboard', 'users', 'competitions'] as const)
    if (stopped.delete(name)) await subgraphs.start(name)
    else {
      stopped.add(name)
      await subgraphs.stop(name)
    }
  }
  const reconnect = async () => {
    const socket = pick(sockets)
    sockets.splice(sockets.indexOf(socket), 1)
    // graphql-ws lets nobody handle the error of a socket that is cut while it opens.
    if (socket.isOpen) socket.client.terminate()
    await socket.client.dispose()
    sockets.push(await openSocket(socket.viewer))
  }

  for (let phase = 0; phase < phases; phase++) {
    for (let step = 0; step < STEPS; step++) {
      const chance = random()
      if (chance < 0.35) publish()
      else if (chance < 0.6) join()
      else if (chance < 0.75) leave()
      else if (chance < 0.9) changeRights(pick(viewers))
      else if (chance < 0.95) await restart()
      else await reconnect()
      if (random() < 0.5) await new Promise((resolve) => setTimeout(resolve, below(40))) // ms
    }
    for (const name of stopped) await subgraphs.start(name)
    stopped.clear()
    for (let i = 0; i < 10; i++) join()

    // From here on rights stay as they are.
    const start = Date.now()
    const twins = new Map<Reader, Reader>()
    /** When the last round began: a machine that does other work takes longer than it lasts, and has another, longer one. */
    let since = start
    const isOver = () => areTold(twins) && tooMuchOf([...readers, ...twins.values()], since).length === 0
    for (let round = ROUND; since < start + JUDGED || (!isOver() && since < start + TOO_LATE); round *= 1.5) {
      for (const twin of twins.values()) twin.leave()
      since = Date.now()
      publish()
      for (const reader of readers) {
        const { client } = sockets.find(({ viewer }) => viewer === reader.viewer) as Socket // one of each
        twins.set(reader, read(client, reader.viewer, reader.query))
      }
      await new Promise((resolve) => setTimeout(resolve, round))
    }
    const faults = [...readers, ...gone, ...twins.values()].flatMap((reader) => {
      const { viewer, query, frames } = reader
      const twin = twins.get(reader)
      const kinds = [
        isForeign(reader) && 'was shown what is somebody else’s',
        tooMuchOf([reader], since).length > 0 && 'was shown what they may not see',
        isGoingBack(reader, since) && 'was taken back',
        twin && !isToldAs(reader, twin) && 'is not told what who comes anew is told',
      ].filter((kind) => kind)
      return kinds.map((kind) => ({ seed, phase, viewer, kind, query, frames: frames.slice(-3), anew: twin?.frames.at(-1) })) // biome-ignore format: one line
    })
    expect(faults).toEqual([])
    for (const twin of twins.values()) twin.leave()
    gone.length = 0
  }

  for (const { client } of sockets) await client.dispose()
  await eventually(() => subgraphs.board.readers.size === 0)
  await eventually(async () => {
    const metrics = await (await fetch(`${gateway.origin}/metrics`)).text()
    const open = [...metrics.matchAll(/^podium_live_(?:groups|readers)\S* (\d+)$/gm)]
    return open.length === 4 && open.every(([, count]) => count === '0')
  })
  expect(unhandled).toEqual([])
  expect(subgraphs.logged.filter(({ error }) => error)).toEqual([])
}, 300_000)
