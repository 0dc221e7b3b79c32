import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { openDatabase } from '../../platform/database.ts'
import type { EventName, EventPayload } from '../../platform/events.ts'
import { createTestDatabase, PATIENCE, silent } from '../../test/support/stores.ts'
import type { Batch } from './batch.ts'
import { createEnrolmentStore } from './enrolment-store.ts'
import type { ActivityRecordInput, WorkoutInput } from './generated.ts'
import { createPersonStore } from './person-store.ts'
import { createReview } from './review.ts'
import { createActivityStore } from './store.ts'
import { createSync } from './sync.ts'

/** When the tests take place. */
export const NOW = new Date('2026-05-20T12:00:00.000Z')

const MINUTE = 60_000 // ms

export const minutesAfter = (instant: Date, minutes: number) => new Date(instant.getTime() + minutes * MINUTE)

type Given = Partial<Omit<ActivityRecordInput, 'startedAt' | 'endedAt'>> & { minutes?: number }

/** A record of steps that begins then, of a quarter of an hour unless `minutes` says otherwise. */
export function steps(
  startedAt: string,
  value: number,
  { minutes = 15, ...given }: Given = {},
): ActivityRecordInput {
  const start = new Date(startedAt)
  return {
    externalId: `${startedAt} ${given.metric ?? ''}`,
    version: 1,
    metric: 'STEPS',
    recordingMethod: 'AUTOMATIC',
    value,
    startedAt: start,
    endedAt: minutesAfter(start, minutes),
    ...given,
  }
}

export function workout(startedAt: string, minutes: number, given: Partial<WorkoutInput> = {}): WorkoutInput {
  const start = new Date(startedAt)
  const endedAt = minutesAfter(start, minutes)
  return { externalId: `workout ${startedAt}`, version: 1, kind: 'RUN', startedAt: start, endedAt, ...given }
}

/** What a phone sends, unless it says otherwise. */
export function batch(given: Partial<Batch>): Batch {
  return {
    provider: 'HEALTH_CONNECT',
    deviceId: 'phone',
    deviceKind: 'PHONE',
    records: [],
    workouts: [],
    deleted: [],
    ...given,
  }
}

/** Fitness on a database of its own, at NOW. */
export async function openTestFitness() {
  const database = await createTestDatabase()
  const { db, pool, close } = openDatabase({
    url: database.url,
    schema: 'fitness',
    logger: silent,
    connections: 12,
    patience: PATIENCE,
  })
  // The role of the subgraph may publish events, and not read them.
  const admin = new pg.Client({ connectionString: database.url })
  await admin.connect()
  const woken: string[] = []
  const options = { now: () => NOW, wake: (userIds: string[]) => void woken.push(...userIds) }
  const activity = createActivityStore(db, options.now)
  const sync = createSync(db, options)
  const enrolments = createEnrolmentStore(db)

  return {
    db,
    pool,
    activity,
    sync,
    enrolments,
    review: createReview(db, options),
    people: createPersonStore(db),
    woken,

    /** A person with a phone and a watch of their own. */
    person() {
      const id = randomUUID()
      const send = (deviceId: string, given: Partial<Batch>) =>
        sync(id, batch({ ...given, deviceId: `${deviceId} of ${id}` }))
      return {
        id,
        phone: (...records: ActivityRecordInput[]) => send('phone', { records }),
        watch: (...records: ActivityRecordInput[]) => send('watch', { records, deviceKind: 'WORN' }),
        send: (given: Partial<Batch>) => send('phone', given),
        today: () => activity.today(id),
        records: async (day: string) => (await activity.records(id, { day })).edges.map(({ node }) => node),
        join: (competition: Partial<Participation> & { competitionId: string }, version = 1) =>
          enrolments.enrol(participation(id, competition, version), true),
        leave: (competition: Partial<Participation> & { competitionId: string }, version = 2) =>
          enrolments.enrol(participation(id, competition, version), false),
      }
    },

    /** What waits to be handled by whoever handles an event, as it was published. */
    async published<Name extends EventName>(name: Name): Promise<EventPayload<Name>[]> {
      const { rows } = await admin.query(
        `select payload from events._private_jobs job join events._private_tasks task on task.id = job.task_id
         where task.identifier like '%/' || $1 order by job.id`,
        [name],
      )
      return rows.map(({ payload }) => payload)
    },

    async close() {
      await admin.end()
      await close()
      await database.drop()
    },
  }
}

type Participation = EventPayload<'participant.joined'>

/** A competition in steps on the day of NOW. */
function participation(
  userId: string,
  competition: Partial<Participation> & { competitionId: string },
  version: number,
): Participation {
  return {
    metric: 'STEPS',
    startsAt: '2026-05-20T00:00:00.000Z',
    endsAt: '2026-05-21T00:00:00.000Z',
    countsManual: true,
    ...competition,
    userId,
    version,
  }
}
