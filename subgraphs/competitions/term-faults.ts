import { type Refusal, refusal } from '../../platform/refusal.ts'
import { isNameable, isPlainText } from '../../platform/text.ts'
import type { Competition, Terms } from './competition.ts'
import type { UpdateCompetitionInput } from './generated.ts'
import { fitsBoard } from './score-bound.ts'
import { changedTerms } from './terms.ts'

const DAY = 86_400_000 // ms
const QUARTER_HOUR = 900_000 // ms
const MAX_LENGTH = 366 * DAY // ms
/** How far back the start may be; what was done since then counts. */
const MAX_AGO = 366 * DAY // ms
/** How far ahead the start may be. */
const MAX_AHEAD = 2 // years
const MAX_NAME = 100 // characters
const MAX_DESCRIPTION = 2_000 // characters
const MAX_REASON = 500 // characters
const MIN_CAPACITY = 2 // participants
const MAX_CAPACITY = 1_000_000 // participants

/** What of the terms cannot be empty. */
const required = [
  'name',
  'metric',
  'startsAt',
  'endsAt',
  'timeZone',
  'visibility',
  'minimumParticipants',
] as const

/** What of the terms cannot change once people can join. */
const fixed = ['metric', 'startsAt', 'endsAt', 'timeZone', 'visibility', 'minimumParticipants'] as const

/** Every fault of a draft that is made or opened at `now`. */
export function draftFaults(terms: Terms, now: Date): Refusal[] {
  return [...termFaults(terms), ...clockFaults(terms, now)]
}

/** Every fault of a change to a competition. */
export function changeFaults(competition: Competition, input: UpdateCompetitionInput, now: Date): Refusal[] {
  const emptied = required
    .filter((field) => input[field] === null)
    .map((field) => refusal('INVALID_INPUT', `${field} cannot be empty.`, field))
  const terms = changedTerms(competition, input)
  if (competition.state.status !== 'DRAFT') return [...emptied, ...openedFaults(competition, terms)]
  // A draft whose times have passed meanwhile can still be renamed: opening it asks again.
  const retimed = input.startsAt != null || input.endsAt != null
  return [...emptied, ...(retimed ? draftFaults(terms, now) : termFaults(terms))]
}

/** The faults of the reason that a cancellation gives. */
export function reasonFaults(reason: string): Refusal[] {
  const fits = lengthOf(reason) >= 1 && lengthOf(reason) <= MAX_REASON && isPlainText(reason)
  const message = `Give a reason of 1 to ${MAX_REASON} characters, without control characters.`
  return fits ? [] : [refusal('INVALID_INPUT', message, 'reason')]
}

const termFaults = (terms: Terms) => [...textFaults(terms), ...timeFaults(terms), ...numberFaults(terms)]

function openedFaults(competition: Competition, terms: Terms): Refusal[] {
  const changed = fixed
    .filter((field) => terms[field].valueOf() !== competition[field].valueOf())
    .map((field) => refusal('NOT_ALLOWED', `${field} cannot change once the competition has opened.`, field))
  return [...textFaults(terms), ...changed, ...capacityFaults(terms.capacity, competition)]
}

function textFaults({ name, description }: Terms): Refusal[] {
  const faults: Refusal[] = []
  if (lengthOf(name) > MAX_NAME || !isNameable(name)) {
    const message = `The name is one line of 1 to ${MAX_NAME} characters, with something to see and without controls.`
    faults.push(refusal('INVALID_INPUT', message, 'name'))
  }
  if (description !== null && (lengthOf(description) > MAX_DESCRIPTION || !isPlainText(description))) {
    const message = `The description has at most ${MAX_DESCRIPTION.toLocaleString('en')} characters, without control characters.`
    faults.push(refusal('INVALID_INPUT', message, 'description'))
  }
  return faults
}

function timeFaults({ startsAt, endsAt, metric, timeZone }: Terms): Refusal[] {
  const faults: Refusal[] = []
  const fault = (field: string, message: string) => faults.push(refusal('INVALID_INPUT', message, field))
  const length = endsAt.getTime() - startsAt.getTime()
  if (startsAt.getTime() % QUARTER_HOUR !== 0) fault('startsAt', 'A start is on a quarter of an hour.')
  if (endsAt.getTime() % QUARTER_HOUR !== 0) fault('endsAt', 'An end is on a quarter of an hour.')
  if (length <= 0) fault('endsAt', 'The end must be after the start.')
  else if (length > MAX_LENGTH) fault('endsAt', 'A competition lasts at most 366 days.')
  else if (!fitsBoard(metric, length))
    fault('endsAt', 'Scores of this metric could become too large: end sooner.')
  if (!isTimeZone(timeZone)) fault('timeZone', 'Name a zone of the IANA database, such as Europe/Helsinki.')
  return faults
}

function clockFaults({ startsAt, endsAt }: Terms, now: Date): Refusal[] {
  const faults: Refusal[] = []
  if (startsAt.getTime() < now.getTime() - MAX_AGO) {
    faults.push(refusal('INVALID_INPUT', 'The start can be at most 366 days ago.', 'startsAt'))
  }
  const latest = new Date(now)
  latest.setUTCFullYear(latest.getUTCFullYear() + MAX_AHEAD)
  if (startsAt > latest) {
    faults.push(refusal('INVALID_INPUT', `The start can be at most ${MAX_AHEAD} years ahead.`, 'startsAt'))
  }
  if (endsAt <= now) faults.push(refusal('INVALID_INPUT', 'The end must be in the future.', 'endsAt'))
  return faults
}

function numberFaults({ capacity, minimumParticipants }: Terms): Refusal[] {
  const faults = capacityFaults(capacity, { participantCount: 0, minimumParticipants: 0 })
  if (minimumParticipants < 1 || minimumParticipants > (capacity ?? MAX_CAPACITY)) {
    const message = `The smallest number of participants is from 1 to the capacity, or to ${MAX_CAPACITY.toLocaleString('en')} without one.`
    faults.push(refusal('INVALID_INPUT', message, 'minimumParticipants'))
  }
  return faults
}

function capacityFaults(
  capacity: number | null,
  { participantCount, minimumParticipants }: Pick<Competition, 'participantCount' | 'minimumParticipants'>,
): Refusal[] {
  if (capacity === null) return []
  const fault = (message: string) => [refusal('INVALID_INPUT', message, 'capacity')]
  if (capacity < MIN_CAPACITY || capacity > MAX_CAPACITY) {
    return fault(
      `The capacity is from ${MIN_CAPACITY} to ${MAX_CAPACITY.toLocaleString('en')}, or empty for no limit.`,
    )
  }
  if (capacity < participantCount)
    return fault(`${participantCount.toLocaleString('en')} people are in it already.`)
  return capacity < minimumParticipants
    ? fault(`It takes place from ${minimumParticipants.toLocaleString('en')} participants on.`)
    : []
}

/** As PostgreSQL counts: an emoji is one character, not two. */
const lengthOf = (text: string) => [...text].length

function isTimeZone(name: string): boolean {
  // Intl takes offsets such as +02:00, too, and they are not zones: they have no clock changes.
  if (!/^[a-z]/i.test(name)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
