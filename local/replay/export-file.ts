import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { StartupError } from '../../platform/listen.ts'

/** An hour of one person, as a Fitbit export has it. */
export type Hour = { startsAt: Date; steps: number }

/** What an export holds: each person's hours in order of time, each hour once. */
export type Export = { people: Map<string, Hour[]>; firstHour: Date; lastHour: Date; rows: number }

const HEADER = 'Id,Date,Time,StepTotal'

/**
 * Reads an hourly export (Id,Date,Time,StepTotal; times without a zone are taken as UTC). A row that stands twice counts
 * once. Throws StartupError with the line at fault.
 */
export async function readExport(file: string): Promise<Export> {
  const people = new Map<string, Map<number, number>>()
  let line = 0
  try {
    for await (const text of createInterface({ input: createReadStream(file) })) {
      line += 1
      if (line === 1) {
        if (text.replace('\uFEFF', '').trim() !== HEADER)
          throw new StartupError(`${file}: the header is not ${HEADER}`)
        continue
      }
      if (text.trim() === '') continue
      const { id, time, steps } = readRow(text) ?? fault(file, line)
      const hours = people.get(id) ?? new Map<number, number>()
      people.set(id, hours)
      hours.set(time, steps)
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code) throw new StartupError(`Cannot read ${file} (${code}).`)
    throw error
  }
  const times = [...people.values()].flatMap((hours) => [...hours.keys()])
  if (times.length === 0) throw new StartupError(`${file} has no rows.`)
  return {
    people: new Map(
      [...people].map(([id, hours]) => [
        id,
        [...hours].sort(([a], [b]) => a - b).map(([time, steps]) => ({ startsAt: new Date(time), steps })),
      ]),
    ),
    firstHour: new Date(times.reduce((a, b) => Math.min(a, b))),
    lastHour: new Date(times.reduce((a, b) => Math.max(a, b))),
    rows: times.length,
  }
}

function readRow(text: string): { id: string; time: number; steps: number } | null {
  const fields = text.split(',').map((field) => field.trim())
  const [id = '', date = '', clock = '', total = ''] = fields
  const day = /^(1[0-2]|[1-9])\/(\d{1,2})\/(\d{4})$/.exec(date)
  const hour = /^(1[0-2]|[1-9]):00:00 (AM|PM)$/.exec(clock)
  if (fields.length !== 4 || !id || !day || !hour || !/^\d{1,6}$/.test(total)) return null
  const hour24 = (Number(hour[1]) % 12) + (hour[2] === 'PM' ? 12 : 0)
  const time = Date.UTC(Number(day[3]), Number(day[1]) - 1, Number(day[2]), hour24)
  // Date.UTC carries a 30th of February over into March.
  if (new Date(time).getUTCDate() !== Number(day[2])) return null
  return { id, time, steps: Number(total) }
}

function fault(file: string, line: number): never {
  throw new StartupError(`${file}, line ${line}: not Id,month/day/year,hour:00:00 AM or PM,steps`)
}
