import type { DemoPerson } from './people.ts'
import { random } from './random.ts'

const QUARTER = 15 * 60_000 // ms

/** A record in the form of the API's ActivityRecordInput. */
export type DemoRecord = {
  externalId: string
  version: number
  metric: 'STEPS' | 'DISTANCE' | 'ACTIVE_ENERGY' | 'ACTIVE_MINUTES'
  value: number
  startedAt: string
  endedAt: string
}

/**
 * What a person's watch has recorded from `from` to `to`: a record per metric and quarter hour with activity. The quarter hour
 * that is still running is recorded so far, under a version that goes up by the minute, as watches do. The same seed,
 * person and time give the same records.
 */
export function activityBetween(seed: number, person: DemoPerson, from: Date, to: Date): DemoRecord[] {
  const records: DemoRecord[] = []
  for (let start = Math.floor(from.getTime() / QUARTER) * QUARTER; start < to.getTime(); start += QUARTER) {
    const minutes = Math.floor((Math.min(start + QUARTER, to.getTime()) - start) / 60_000)
    const steps = Math.floor((stepsIn(seed, person, start) * minutes) / 15)
    if (steps > 0) records.push(...recordsOf(start, minutes, steps))
  }
  return records
}

function recordsOf(start: number, minutes: number, steps: number): DemoRecord[] {
  const values = {
    STEPS: steps,
    DISTANCE: Math.round(steps * 0.74),
    ACTIVE_ENERGY: Math.round(steps * 0.04),
    ACTIVE_MINUTES: Math.min(minutes, Math.round(steps / 90)),
  }
  return Object.entries(values).map(([metric, value]) => ({
    externalId: `${metric.toLowerCase()}-${start}`,
    version: minutes,
    metric: metric as DemoRecord['metric'],
    value,
    startedAt: new Date(start).toISOString(),
    endedAt: new Date(start + minutes * 60_000).toISOString(),
  }))
}

/** Steps in a whole quarter hour: none at night, most around the person's peak, some hours idle; at most 2,200. */
function stepsIn(seed: number, person: DemoPerson, start: number): number {
  const hour = localHour(start, person.timeZone)
  if (hour < 6 || hour >= 23) return 0
  const idle = random(seed, person.email, start, 'idle') < 0.35
  const distance = Math.abs(hour - person.peak)
  const rhythm = Math.exp(-(distance * distance) / 18)
  const noise = random(seed, person.email, start, 'noise')
  return idle ? Math.floor(noise * 40) : Math.floor(person.vigour * (100 + 1_100 * rhythm * noise))
}

const formats = new Map<string, Intl.DateTimeFormat>()

function localHour(time: number, timeZone: string): number {
  let format = formats.get(timeZone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: 'numeric', hourCycle: 'h23' })
    formats.set(timeZone, format)
  }
  return Number(format.format(time))
}
