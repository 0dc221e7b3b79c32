import type { Database } from '../../platform/database.ts'
import { unauthenticated } from '../../platform/errors.ts'
import { refuse } from '../../platform/refusal.ts'
import { type Batch, MAX_ITEMS, type Plan, planOf } from './batch.ts'
import { createBucketStore } from './bucket-store.ts'
import { changedDays } from './changed-days.ts'
import type { ActivityDay } from './generated.ts'
import { createPersonStore, lockPeople } from './person-store.ts'
import { idFault } from './plausibility.ts'
import { createRecordStore } from './record-store.ts'
import { type Changes, recount } from './recount.ts'
import { quartersOf, startDay, startDaysAround } from './spans.ts'
import { createWorkoutStore } from './workout-store.ts'

export type Synced = Pick<Plan, 'accepted' | 'duplicates' | 'rejected'> & {
  /** How many of the accepted wait for an administrator's decision. */
  held: number
  days: ActivityDay[]
}

export type Sync = ReturnType<typeof createSync>

/** Takes in what a device recorded. `wake` is called once it is kept, if it changed what counts. */
export function createSync(
  db: Database,
  { now, wake }: { now: () => Date; wake: (userIds: string[]) => void },
) {
  /**
   * Refuses a batch that is too large or has no usable device id; everything else is judged record by record. Throws
   * UNAUTHENTICATED for who was erased while it was on its way.
   */
  return async (userId: string, batch: Batch): Promise<Synced> => {
    check(batch)
    const synced = await db.transaction((tx) => take(tx, userId, batch, now()))
    if (synced.days.length > 0) wake([userId])
    return synced
  }
}

async function take(tx: Database, userId: string, batch: Batch, now: Date): Promise<Synced> {
  const [people, records, workouts] = [createPersonStore(tx), createRecordStore(tx), createWorkoutStore(tx)]
  await lockPeople(tx, [userId])
  if (await people.isErased(userId)) throw unauthenticated('This account is no more.')
  const { provider, deleted } = batch
  const known = {
    records: await records.known(userId, provider, idsOf(batch.records, deleted)),
    workouts: await workouts.known(userId, provider, idsOf(batch.workouts, deleted)),
  }
  const plan = planOf(batch, userId, known, now)
  const { accepted, duplicates, rejected } = plan
  if (plan.records.length + plan.workouts.length === 0) {
    return { accepted, held: 0, duplicates, rejected, days: [] }
  }

  await people.claim(batch.deviceId, userId)
  await records.put(plan.records)
  await workouts.put(plan.workouts)
  const deltas = await recount(tx, changesOf(plan, known))
  const days = changedDays(deltas, await people.timeZone(userId))
  const changed = plan.records.map(({ externalId }) => externalId)
  return {
    accepted,
    held: await records.countHeld(userId, provider, changed),
    duplicates,
    rejected,
    days: await createBucketStore(tx).totals(userId, days),
  }
}

function check({ records, workouts, deleted, deviceId }: Batch): void {
  const count = records.length + workouts.length + deleted.length
  if (count > MAX_ITEMS) {
    const limit = MAX_ITEMS.toLocaleString('en')
    refuse(
      'TOO_MANY_RECORDS',
      `One sync takes at most ${limit} records, workouts and deletions, not ${count}.`,
    )
  }
  if (idFault(deviceId)) refuse('INVALID_INPUT', 'A device id must have 1 to 200 characters.', 'deviceId')
}

function idsOf(told: { externalId: string }[], deleted: string[]): string[] {
  const ids = new Set([...told.map(({ externalId }) => externalId), ...deleted])
  return [...ids].filter((id) => idFault(id) === null)
}

/** What a plan touches: where things are now, and where what it replaces was. */
function changesOf(plan: Plan, known: Pick<Plan, 'records' | 'workouts'>): Changes {
  const replaced = new Set([...plan.records, ...plan.workouts].map(({ externalId }) => externalId))
  const before = known.records.filter(({ externalId }) => replaced.has(externalId))
  const moved = [...before, ...plan.records].filter(({ status }) => status === 'LIVE' || status === 'HELD')
  const held = [...known.workouts, ...plan.workouts].filter(({ status }) => status === 'HELD')
  return {
    days: [...moved.map(startDay), ...held.map(startDaysAround)],
    quarters: moved.filter(({ status }) => status === 'LIVE').map(quartersOf),
  }
}
