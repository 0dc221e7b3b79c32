import { QUARTER } from './buckets.ts'

const HOUR = 3_600_000 // ms
const DAY = 24 * HOUR

/** A calendar day somewhere: 24 hours long, 23 to 25 around a change of clocks. */
export type LocalDay = {
  /** Such as 2026-01-31. */
  date: string
  start: Date
  /** The start of the next. */
  end: Date
}

/** The date that a calendar shows at an instant. */
export function dateAt(instant: Date | number, timeZone: string): string {
  const parts: Record<string, string> = {}
  for (const { type, value } of calendarOf(timeZone).formatToParts(instant)) parts[type] = value
  return `${parts.year}-${parts.month}-${parts.day}`
}

/** The day of that date. */
export function dayOf(date: string, timeZone: string): LocalDay {
  return { date, start: startOf(date, timeZone), end: startOf(addDays(date, 1), timeZone) }
}

/** The days of `from` to `to`, both included. */
export function daysBetween(from: string, to: string, timeZone: string): LocalDay[] {
  const days: LocalDay[] = []
  let start = startOf(from, timeZone)
  for (let date = from; date <= to; date = addDays(date, 1)) {
    const end = startOf(addDays(date, 1), timeZone)
    days.push({ date, start, end })
    start = end
  }
  return days
}

export function addDays(date: string, days: number): string {
  return new Date(Date.parse(date) + days * DAY).toISOString().slice(0, 10)
}

/** Whether a date can be reckoned with here; nothing was recorded on any other. */
export function isReckonable(date: string): boolean {
  return date >= '1970-01-01' && date <= '9990-12-31'
}

/** The name by which this runtime knows a time zone; null for one that it does not know. */
export function knownTimeZone(name: string): string | null {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone
  } catch {
    return null
  }
}

/**
 * The first instant of a date. Where clocks skip midnight that is when they are set forward. Found by bisection over
 * the quarter hours around midnight in UTC: no offset is beyond 15 hours, and each is whole quarter hours.
 */
function startOf(date: string, timeZone: string): Date {
  const midnight = Date.parse(date) // in UTC
  let before = -15 * (HOUR / QUARTER)
  let reached = 15 * (HOUR / QUARTER)
  while (reached - before > 1) {
    const middle = Math.floor((before + reached) / 2)
    if (dateAt(midnight + middle * QUARTER, timeZone) >= date) reached = middle
    else before = middle
  }
  return new Date(midnight + reached * QUARTER)
}

const calendars = new Map<string, Intl.DateTimeFormat>()

/** Making one takes a hundred times as long as using it; there are no more than there are time zones. */
function calendarOf(timeZone: string): Intl.DateTimeFormat {
  const known = calendars.get(timeZone)
  if (known) return known
  const calendar = new Intl.DateTimeFormat('en', {
    timeZone,
    calendar: 'iso8601',
    numberingSystem: 'latn',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  })
  calendars.set(timeZone, calendar)
  return calendar
}
