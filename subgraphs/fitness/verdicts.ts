import type { Metric, Provider } from './generated.ts'
import type { SourceKind } from './tables.ts'

const DAY = 86_400_000 // ms
const MINUTE = 60_000 // ms

const HELD_STEPS_PER_DAY = 100_000
const NOTED_STEPS_PER_DAY = 50_000
const NOTED_STEPS_PER_MINUTE = 240
/** For how long they have to be above it. */
const NOTED_PACE_LASTS = 10 * MINUTE
const STRIDE = { shortest: 0.3, longest: 2.5 } // metres

/** A record that nothing speaks against when it is looked at alone. */
export type Candidate = {
  id: string
  userId: string
  provider: Provider
  externalId: string
  deviceId: string
  sourceKind: SourceKind
  metric: Metric
  value: number
  startedAt: Date
  endedAt: Date
  /** Whose the device is; null where that is not known. */
  deviceOwner: string | null
  decision: 'ACCEPTED' | 'REFUSED' | null
  decisionReason: string | null
}

/** A workout that nobody can have done. */
export type HeldWorkout = {
  userId: string
  deviceId: string
  startedAt: Date
  endedAt: Date
}

export type Verdict = { status: 'LIVE' | 'HELD' | 'REJECTED'; reason: string | null }

/**
 * What becomes of records, by their ids: a function of the set of them, whatever the order in which they came.
 * `candidates` are all those of a person that start on a day, or none; `workouts` those that are held and overlap them.
 *
 * A day is one of UTC here and a record belongs to the one that it starts in, so that neither a person's travels nor
 * the days before can change what was decided. An administrator's decision stands above every rule, and what it is
 * about is left out when the others are judged: a decision on one record never changes another.
 */
export function verdictsOf(
  candidates: readonly Candidate[],
  workouts: readonly HeldWorkout[],
): Map<string, Verdict> {
  const inOrder = candidates.toSorted(byTime)
  const verdicts = new Map<string, Verdict>()
  const live: Candidate[] = []
  for (const record of inOrder) {
    const verdict = decided(record) ?? heldAlone(record, workouts)
    if (verdict) verdicts.set(record.id, verdict)
    else live.push(record)
  }
  const notes = new Map<string, string>()
  const counted = holdExcess(live, verdicts, notes)
  noteSteadyPace(counted, notes)
  noteStride(counted, notes)
  for (const { id } of counted) verdicts.set(id, { status: 'LIVE', reason: notes.get(id) ?? null })
  return verdicts
}

function decided({ decision, decisionReason }: Candidate): Verdict | null {
  if (decision === 'ACCEPTED') {
    return { status: 'LIVE', reason: `An administrator accepted it: ${decisionReason}` }
  }
  if (decision === 'REFUSED') {
    return { status: 'REJECTED', reason: `An administrator refused it: ${decisionReason}` }
  }
  return null
}

function heldAlone(record: Candidate, workouts: readonly HeldWorkout[]): Verdict | null {
  if (record.deviceOwner !== null && record.deviceOwner !== record.userId) {
    return { status: 'HELD', reason: 'Its device belongs to another person.' }
  }
  const during = workouts.some(
    (workout) =>
      workout.userId === record.userId &&
      workout.deviceId === record.deviceId &&
      workout.startedAt < record.endedAt &&
      workout.endedAt > record.startedAt,
  )
  return during ? { status: 'HELD', reason: 'Recorded during a workout that nobody can have done.' } : null
}

/** Goes through each source's day in order and holds what would take its steps above the limit; returns the rest. */
function holdExcess(
  live: Candidate[],
  verdicts: Map<string, Verdict>,
  notes: Map<string, string>,
): Candidate[] {
  const sums = new Map<string, number>()
  return live.filter((record) => {
    if (record.metric !== 'STEPS') return true
    const key = sourceDayOf(record)
    const sum = (sums.get(key) ?? 0) + record.value
    if (sum > HELD_STEPS_PER_DAY) {
      verdicts.set(record.id, { status: 'HELD', reason: 'More than 100,000 steps in a day (UTC).' })
      return false
    }
    sums.set(key, sum)
    if (sum > NOTED_STEPS_PER_DAY) note(notes, record, 'More than 50,000 steps in a day (UTC).')
    return true
  })
}

/** Notes each run of adjoining records of a source that are all too fast and together long enough. */
function noteSteadyPace(counted: Candidate[], notes: Map<string, string>): void {
  const steps = counted.filter((record) => record.metric === 'STEPS')
  for (const day of Map.groupBy(steps, sourceDayOf).values()) {
    let run: Candidate[] = []
    let end = 0
    for (const record of day) {
      const [startedAt, endedAt] = [record.startedAt.getTime(), record.endedAt.getTime()]
      const fast = record.value * MINUTE > NOTED_STEPS_PER_MINUTE * (endedAt - startedAt)
      if (!fast || startedAt > end) run = []
      if (!fast) continue
      run.push(record)
      end = Math.max(run.length > 1 ? end : 0, endedAt)
      if (end - (run[0] as Candidate).startedAt.getTime() < NOTED_PACE_LASTS) continue
      for (const each of run) note(notes, each, 'More than 240 steps a minute for ten minutes.')
    }
  }
}

/** Compares steps and metres of the same source and the same time. */
function noteStride(counted: Candidate[], notes: Map<string, string>): void {
  const sameTime = (r: Candidate) => `${r.startedAt.getTime()} ${r.endedAt.getTime()} ${sourceDayOf(r)}`
  const both = counted.filter(({ metric }) => metric === 'STEPS' || metric === 'DISTANCE')
  for (const records of Map.groupBy(both, sameTime).values()) {
    if (new Set(records.map(({ metric }) => metric)).size < 2) continue
    const total = (metric: Metric) => records.reduce((sum, r) => sum + (r.metric === metric ? r.value : 0), 0)
    const [steps, metres] = [total('STEPS'), total('DISTANCE')]
    // Metres without any step are a ride.
    if (steps === 0 || (metres >= STRIDE.shortest * steps && metres <= STRIDE.longest * steps)) continue
    for (const record of records) note(notes, record, 'Less than 0.3 or more than 2.5 metres a step.')
  }
}

function note(notes: Map<string, string>, { id }: Candidate, reason: string): void {
  if (!notes.has(id)) notes.set(id, reason)
}

function sourceDayOf({ userId, provider, deviceId, sourceKind, startedAt }: Candidate): string {
  const day = Math.floor(startedAt.getTime() / DAY)
  return JSON.stringify([userId, provider, sourceKind, deviceId, day])
}

/** Total for the records of a person, of whom provider and external id name one. */
function byTime(a: Candidate, b: Candidate): number {
  return (
    a.startedAt.getTime() - b.startedAt.getTime() ||
    a.endedAt.getTime() - b.endedAt.getTime() ||
    compare(a.externalId, b.externalId) ||
    compare(a.provider, b.provider)
  )
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
