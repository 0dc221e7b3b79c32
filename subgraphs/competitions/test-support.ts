import { randomUUID } from 'node:crypto'
import pg from 'pg'
import type { Person } from '../../platform/identity.ts'
import { RefusedError } from '../../platform/refusal.ts'
import { openTestStore } from '../../test/support/stores.ts'
import type { CreateCompetitionInput } from './generated.ts'
import { createInvitationStore } from './invitation-store.ts'
import { createListingStore } from './listing-store.ts'
import { createParticipationStore } from './participation-store.ts'
import { createProfileStore } from './profile-store.ts'
import { createCompetitionStore } from './store.ts'

const HOUR = 3_600_000 // ms

/** A quarter hour, far from the real time, so that no test depends on it. */
const start = Date.parse('2031-05-01T08:00:00Z')

/** So many hours after the competitions of these tests start. */
export const at = (hours: number) => new Date(start + hours * HOUR)

export const someone = (scopes: string[] = []): Person => ({
  kind: 'person',
  id: randomUUID(),
  role: 'USER',
  scopes,
  sessionId: randomUUID(),
})

/** Eight hours long, from at(0) to at(8). */
export const input = (change: Partial<CreateCompetitionInput> = {}): CreateCompetitionInput => ({
  name: 'May steps',
  metric: 'STEPS',
  startsAt: at(0),
  endsAt: at(8),
  minimumParticipants: 1,
  ...change,
})

/** The stores on a database of their own, with a clock that stands at an hour before the start until it is set. */
export async function openCompetitionStores() {
  const database = await openTestStore('competitions')
  const queue = new pg.Pool({ connectionString: database.url, max: 1 })
  queue.on('error', () => {}) // dropped with the database
  let time = at(-1)
  const now = () => time
  const competitions = createCompetitionStore(database.db, { now, syncGraceMinutes: 240 })
  const participations = createParticipationStore(database.db, now)

  /** An open competition of `organizer`. */
  async function open(organizer: Person, change: Partial<CreateCompetitionInput> = {}) {
    const { id } = await competitions.create(organizer, input(change))
    return competitions.open(organizer, id)
  }

  /** The jobs of an event about a competition, oldest first. */
  async function jobs(name: string, competitionId: string) {
    const { rows } = await queue.query<{ task: string; payload: Record<string, unknown>; runAt: Date }>(
      `select task.identifier as task, payload, run_at as "runAt"
       from events._private_jobs job join events._private_tasks task on task.id = task_id
       where identifier like $1 and payload->>'competitionId' = $2 order by job.id`,
      [`%/${name}`, competitionId],
    )
    return rows
  }

  return {
    ...{ database, queue, competitions, participations, open, jobs, now },
    listing: createListingStore(database.db),
    invitations: createInvitationStore(database.db),
    profiles: createProfileStore(database.db),
    setTime(hours: number) {
      time = at(hours)
    },

    /** The payloads of an event about a competition, each once however many handle it, oldest first. */
    async published(name: string, competitionId: string) {
      const payloads = (await jobs(name, competitionId)).map((job) => JSON.stringify(job.payload))
      return [...new Set(payloads)].map((payload) => JSON.parse(payload) as Record<string, unknown>)
    },

    async competition(id: string) {
      const [found] = await competitions.byIds([id])
      if (!found) throw new Error('no such competition')
      return found
    },

    async close() {
      await queue.end()
      await database.close()
    },
  }
}

/** The codes that a call is refused with, and the fields at fault. */
export async function refusalsOf(promise: Promise<unknown>): Promise<[string, string?][]> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof RefusedError)) throw new Error('was not refused', { cause: error })
  return error.refusals.map(({ code, field }) => (field ? [code, field.join('.')] : [code]))
}
