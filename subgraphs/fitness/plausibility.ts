import type { Metric, WorkoutKind } from './generated.ts'

const MINUTE = 60_000 // ms
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** How far a device's clock may be ahead. */
const GRACE = 5 * MINUTE
/** How long ago a record may have started: a limit of ours, twice the longest that anything here looks back. */
const OLDEST = 731 * DAY
const LONGEST = 24 * HOUR
/** The most that one record may say, of whatever metric. */
const LARGEST = 10_000_000

/**
 * The most of each metric in a minute. The one of steps is known from runners; the others are far above what a body
 * or a descent can do, so that no number can grow beyond what the API and a board can hold.
 */
export const PER_MINUTE: Record<Metric, number> = {
  STEPS: 300,
  DISTANCE: 2_000, // metres: 120 km/h
  ACTIVE_ENERGY: 100, // kilocalories
  ACTIVE_MINUTES: 1,
  ELEVATION: 300, // metres: faster than most cable cars
}

const unit: Record<Metric, string> = {
  STEPS: 'steps',
  DISTANCE: 'metres',
  ACTIVE_ENERGY: 'kilocalories',
  ACTIVE_MINUTES: 'active minutes',
  ELEVATION: 'metres climbed',
}

/** What is said of records of a metric that count in part, because together they say more than that in a quarter hour. */
export function capNote(metric: Metric): string {
  return `What is above ${PER_MINUTE[metric]} ${unit[metric]} a minute does not count.`
}

type Interval = { startedAt: Date; endedAt: Date }

/** Why a record can never count, in plain English; null where nothing speaks against it. */
export function recordRejection(
  record: Interval & { metric: Metric; value: number },
  now: Date,
): string | null {
  const { metric, value } = record
  const fault = intervalFault(record, now) ?? amountFault('value', value)
  if (fault) return fault
  // Sources tell whole units, so a short record may be a fraction of one above the rate.
  const most = Math.ceil((PER_MINUTE[metric] * durationOf(record)) / MINUTE)
  return value > most ? `More than ${PER_MINUTE[metric]} ${unit[metric]} a minute.` : null
}

/** Why a workout can never be right; null where nothing speaks against it. */
export function workoutRejection(
  workout: Interval & { distance?: number | null; activeEnergy?: number | null },
  now: Date,
): string | null {
  return (
    intervalFault(workout, now) ??
    amountFault('distance', workout.distance ?? 0) ??
    amountFault('activeEnergy', workout.activeEnergy ?? 0)
  )
}

/** What nobody has run: distance (metres) and the world record for it (seconds), shortest first. */
const RUNS = [
  { metres: 1_000, seconds: 131, name: '1 km' },
  { metres: 5_000, seconds: 755, name: '5 km' },
  { metres: 10_000, seconds: 1_571, name: '10 km' },
  { metres: 42_195, seconds: 7_235, name: 'the marathon' },
]

/** What nobody rides in an hour. */
const RIDE_PER_HOUR = 60_000 // metres

/**
 * Why nobody can have done a workout; null where somebody may have. A run must not be faster than the pace of the
 * world record for the longest listed distance that it covers: whoever keeps a faster one has beaten that record on
 * the way. Below 1 km nothing is compared. A ride must not cover more than 60 km in an hour: one that is shorter than
 * an hour is measured against the whole of it.
 */
export function workoutHold(
  workout: Interval & { kind: WorkoutKind; distance?: number | null },
): string | null {
  const { kind, distance } = workout
  const duration = durationOf(workout)
  if (distance == null) return null
  if (kind === 'RUN') {
    const record = RUNS.findLast(({ metres }) => metres <= distance)
    const faster = record && duration * record.metres < record.seconds * 1_000 * distance
    return faster ? `A run faster than the world record over ${record.name}.` : null
  }
  if (kind === 'RIDE') {
    const faster = distance * HOUR > RIDE_PER_HOUR * Math.max(duration, HOUR)
    return faster ? 'A ride of more than 60 km in an hour.' : null
  }
  return null
}

/** The faults of an id that a source gives; null for one that can be kept. */
export function idFault(id: string): string | null {
  const { length } = [...id]
  if (length < 1 || length > 200) return 'An external id must have 1 to 200 characters.'
  // PostgreSQL keeps neither of these, and would not tell two ids apart that differ only in them.
  if (id.includes('\0') || !id.isWellFormed()) return 'An external id must be valid Unicode text.'
  return null
}

/** Whether PostgreSQL has this time; what is rejected for having another cannot even be remembered. */
export function isStorable({ startedAt, endedAt }: Interval): boolean {
  return Math.min(startedAt.getTime(), endedAt.getTime()) >= EARLIEST
}

const EARLIEST = Date.UTC(1900)

function intervalFault({ startedAt, endedAt }: Interval, now: Date): string | null {
  const start = startedAt.getTime()
  const end = endedAt.getTime()
  if (end <= start) return 'It does not end after it starts.'
  if (end - start > LONGEST) return 'It is longer than 24 hours.'
  if (end > now.getTime() + GRACE) return 'It ends in the future.'
  if (start < now.getTime() - OLDEST) return 'It started more than 2 years ago.'
  return null
}

function amountFault(name: string, amount: number): string | null {
  if (amount < 0) return `Its ${name} is negative.`
  return amount > LARGEST ? `Its ${name} is above ${LARGEST.toLocaleString('en')}.` : null
}

function durationOf({ startedAt, endedAt }: Interval): number {
  return endedAt.getTime() - startedAt.getTime()
}
