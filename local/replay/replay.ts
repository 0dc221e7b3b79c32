import { setTimeout as sleep } from 'node:timers/promises'
import { type Account, enter } from '../accounts.ts'
import type { Client } from '../client.ts'
import { eachOf } from '../demo/crowd.ts'
import { openBoard, type Standing } from './board.ts'
import { createDelays } from './delays.ts'
import type { Export, Hour } from './export-file.ts'
import { openViewers, type Viewing } from './viewers.ts'

const HOUR = 3_600_000 // ms
const QUARTER = HOUR / 4

/** What a phone uploads at once: two days of hours. */
const BATCH = 48

/** How long the board may take to show the last sync. */
const PATIENCE = 60_000 // ms

const SYNC = `mutation ($input: SyncFitnessInput!) {
  syncFitness(input: $input) { accepted duplicates rejected { externalId reason } userErrors { code message field } }
}`
type SyncAnswer = { accepted: number; duplicates: number; rejected: { externalId: string; reason: string }[] }

/** What a replay found. Delays are in milliseconds, from sending a sync to the frame that shows it. */
export type Outcome = {
  standings: Standing[]
  /** People whose score is not the sum of their hours. */
  differing: string[]
  recordsPerSecond: number
  accepted: number
  duplicates: number
  delays: { median: number; p99: number; count: number }
  /** What others saw who watched meanwhile; null where nobody was asked to. */
  viewing: Viewing | null
}

/**
 * Replays an export through the public API: an account per person, one free competition, everyone joins, `concurrency` phones
 * sync everybody's hours while a subscription watches the board. Replayed again it finds what is there and changes nothing.
 */
export async function replay(
  client: Client,
  data: Export,
  options: {
    name: string
    concurrency: number
    /** Where, and how many, others watch the board meanwhile. */
    audience: { url: string; viewers: number } | null
    say: (line: string) => void
    progress: (done: number) => void
  },
): Promise<Outcome> {
  const { name, concurrency, audience, say, progress } = options
  const people = [...data.people].map(([id, hours]) => ({ id, hours }))
  say(`${people.length} people, ${data.rows} hours. Opening accounts …`)
  const accounts = new Map<string, Account>()
  await eachOf(people, concurrency, async ({ id }) => accounts.set(id, await enter(client, personOf(id))))
  const accountOf = (id: string) => accounts.get(id) as Account

  const [organizer] = people
  if (!organizer) throw new Error('the export has nobody')
  // One quarter hour boundary may pass while it runs: the end lies far enough ahead that nobody is too late to join.
  const lastEnd = Math.floor(Date.now() / QUARTER) * QUARTER
  const period = data.lastHour.getTime() + HOUR - data.firstHour.getTime()
  const board = await openBoard(client, accountOf(organizer.id), {
    name,
    startsAt: new Date(lastEnd - period),
    endsAt: new Date(lastEnd + HOUR),
  })
  await eachOf(people, concurrency, ({ id }) => board.join(accountOf(id)))

  const shift = board.startsAt.getTime() - data.firstHour.getTime()
  const delays = createDelays()
  const watching = board.watch((standings) => {
    for (const { name, score } of standings) delays.shown(name, score)
  })
  await watching.first
  if (audience) say(`${audience.viewers} viewers come …`)
  const viewers = audience && (await openViewers({ ...audience, ...board.watching }))
  say('Syncing …')
  const totals = { accepted: 0, duplicates: 0 }
  const began = performance.now()
  await eachOf(people, concurrency, async ({ id, hours }) => {
    let score = 0
    for (let start = 0; start < hours.length; start += BATCH) {
      const batch = hours.slice(start, start + BATCH)
      const before = score
      score += batch.reduce((sum, { steps }) => sum + steps, 0)
      if (score > before) delays.sent(id, score)
      const answer = await client.mutate<SyncAnswer>(
        SYNC,
        { input: inputOf(id, batch, shift) },
        accountOf(id).token,
      )
      const [rejected] = answer.rejected
      if (rejected) throw new Error(`Record ${rejected.externalId} was rejected: ${rejected.reason}`)
      totals.accepted += answer.accepted
      totals.duplicates += answer.duplicates
      progress(totals.accepted + totals.duplicates)
    }
  })
  const seconds = (performance.now() - began) / 1_000

  const differing = await settle(() => board.standings(), sumsOf(data))
  const viewing = viewers && (await viewers.close())
  await watching.close()
  return {
    standings: await board.standings(),
    differing,
    recordsPerSecond: Math.round(data.rows / seconds),
    ...totals,
    delays: { median: delays.percentile(0.5), p99: delays.percentile(0.99), count: delays.count },
    viewing,
  }
}

/** The people whose score is not their sum, once none is or patience ends. Who walked nothing has no score. */
async function settle(standings: () => Promise<Standing[]>, sums: Map<string, number>): Promise<string[]> {
  for (const deadline = Date.now() + PATIENCE; ; await sleep(100)) {
    const scores = new Map((await standings()).map(({ name, score }) => [name, score]))
    const differing = [...sums].filter(([id, sum]) => (scores.get(id) ?? 0) !== sum).map(([id]) => id)
    if (differing.length === 0 || Date.now() > deadline) return differing
  }
}

function sumsOf({ people }: Export): Map<string, number> {
  return new Map([...people].map(([id, hours]) => [id, hours.reduce((sum, { steps }) => sum + steps, 0)]))
}

/** The same for the same id, so that a second replay finds the account. A demo's credentials, not a person's. */
function personOf(id: string) {
  return { email: `replay.${id}@example.com`, password: `demo account of replay ${id}`, displayName: id }
}

function inputOf(id: string, hours: Hour[], shift: number) {
  return {
    provider: 'HEALTH_CONNECT',
    deviceId: `replay-${id}`,
    deviceKind: 'WORN',
    records: hours.map(({ startsAt, steps }) => ({
      externalId: `hour-${startsAt.toISOString()}`,
      metric: 'STEPS',
      value: steps,
      startedAt: new Date(startsAt.getTime() + shift),
      endedAt: new Date(startsAt.getTime() + shift + HOUR),
    })),
  }
}
