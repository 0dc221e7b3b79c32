import type { SyncFitnessInput } from './generated.ts'
import { idFault, isStorable, recordRejection, workoutHold, workoutRejection } from './plausibility.ts'
import type { records, SourceKind, workouts } from './tables.ts'

/** The most records, workouts and deletions of one sync. */
export const MAX_ITEMS = 1_000

export type RecordRow = typeof records.$inferSelect
export type WorkoutRow = typeof workouts.$inferSelect
export type NewRecord = Omit<RecordRow, 'id'>
export type NewWorkout = Omit<WorkoutRow, 'id'>

/** A sync's input with the defaults of the SDL filled in. */
export type Batch = {
  [Name in keyof SyncFitnessInput]-?: NonNullable<SyncFitnessInput[Name]>
}

/** graphql-js has filled in the defaults; the generated type does not say so. */
export function toBatch(input: SyncFitnessInput): Batch {
  return { deviceKind: 'PHONE', records: [], workouts: [], deleted: [], ...input }
}

/** What a sync does to what is known. */
export type Plan = {
  records: NewRecord[]
  workouts: NewWorkout[]
  accepted: number
  duplicates: number
  rejected: { externalId: string; reason: string }[]
}

/**
 * Decides what a batch changes: of several versions the highest stays, and one that is not above what is known changes
 * nothing. Deletions come after the records of their batch; a deletion keeps the version, so that only a higher one
 * brings a record back. `known` is what the person's provider has told before under the batch's external ids.
 */
export function planOf(
  batch: Batch,
  userId: string,
  known: { records: RecordRow[]; workouts: WorkoutRow[] },
  now: Date,
): Plan {
  const plan: Plan = { records: [], workouts: [], accepted: 0, duplicates: 0, rejected: [] }
  const { provider, deviceId, deviceKind } = batch
  const told = { userId, provider, deviceId, decision: null, decisionReason: null }

  const records = settle(batch.records, known.records, plan, (input): NewRecord => {
    const { recordingMethod, externalId, metric, value, startedAt, endedAt } = input
    const sourceKind: SourceKind = provider === 'MANUAL' || recordingMethod === 'MANUAL' ? 'HAND' : deviceKind
    const reason = recordRejection(input, now)
    const status = reason === null ? 'LIVE' : 'REJECTED'
    const version = input.version ?? 1
    return { ...told, externalId, version, sourceKind, metric, value, startedAt, endedAt, status, reason }
  })
  const workouts = settle(batch.workouts, known.workouts, plan, (input): NewWorkout => {
    const { externalId, kind, startedAt, endedAt, distance = null, activeEnergy = null } = input
    const rejection = workoutRejection(input, now)
    const hold = rejection === null ? workoutHold(input) : null
    const status = rejection !== null ? 'REJECTED' : hold !== null ? 'HELD' : 'LIVE'
    const version = input.version ?? 1
    const common = { userId, provider, deviceId, externalId, version, kind, startedAt, endedAt }
    return { ...common, distance, activeEnergy, status, reason: rejection ?? hold }
  })
  for (const externalId of batch.deleted) {
    const [record, workout] = [remove(records, externalId), remove(workouts, externalId)]
    plan[record || workout ? 'accepted' : 'duplicates'] += 1
  }
  plan.records = changesOf(records)
  plan.workouts = changesOf(workouts)
  return plan
}

type Row = Pick<NewRecord, 'externalId' | 'version' | 'status' | 'reason' | 'startedAt' | 'endedAt'>
type Input = { externalId: string; version?: number | null }

/** What is known under an external id after the batch, and whether that is new. */
type Settled<R> = Map<string, { row: R; changed: boolean }>

function settle<I extends Input, R extends Row>(
  inputs: I[],
  known: R[],
  plan: Plan,
  judge: (input: I) => R,
): Settled<R> {
  const settled: Settled<R> = new Map(known.map((row) => [row.externalId, { row, changed: false }]))
  for (const input of highestVersions(inputs, plan)) {
    const { externalId } = input
    const before = settled.get(externalId)?.row
    const version = input.version ?? 1
    if (before && before.version >= version) {
      // Who asks again because the answer was lost is told again.
      if (before.version === version && before.status === 'REJECTED') reject(plan, externalId, before.reason)
      else plan.duplicates += 1
      continue
    }
    const fault = idFault(externalId)
    const row = fault === null ? judge(input) : null
    if (!row || row.status === 'REJECTED') reject(plan, externalId, fault ?? row?.reason ?? null)
    else plan.accepted += 1
    if (row && isStorable(row)) settled.set(externalId, { row, changed: true })
  }
  return settled
}

/** One input an external id: the highest version, of equals the first. */
function highestVersions<I extends Input>(inputs: I[], plan: Plan): Iterable<I> {
  const highest = new Map<string, I>()
  for (const input of inputs) {
    const other = highest.get(input.externalId)
    if (other) plan.duplicates += 1
    if (!other || (input.version ?? 1) > (other.version ?? 1)) highest.set(input.externalId, input)
  }
  return highest.values()
}

function reject(plan: Plan, externalId: string, reason: string | null): void {
  plan.rejected.push({ externalId, reason: reason ?? '' })
}

function remove<R extends Row>(settled: Settled<R>, externalId: string): boolean {
  const found = settled.get(externalId)
  if (!found || found.row.status === 'DELETED') return false
  const row = { ...found.row, status: 'DELETED' as const, reason: null, decision: null, decisionReason: null }
  settled.set(externalId, { row, changed: true })
  return true
}

function changesOf<R>(settled: Settled<R>): R[] {
  return [...settled.values()].filter(({ changed }) => changed).map(({ row }) => row)
}
