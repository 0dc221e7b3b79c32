import type { Clock } from './clock.ts'
import { dayTime, finished, join, openCompetition, running, upcoming } from './competitions.ts'
import { type Crowd, eachOf } from './crowd.ts'
import type { Operator } from './operator.ts'
import type { DemoPerson } from './people.ts'

const HOUR = 3_600_000 // ms
const DAY = 24 * HOUR

/** Who has which part in the demo: its organizer is also its administrator. */
export type Cast = { organizer: DemoPerson; affiliate: DemoPerson }

/**
 * Fills in people, a finished competition, two running ones and one to come, all through the public API. What is there
 * already, of a fill that was interrupted, is gone on from.
 */
export async function fill(options: {
  crowd: Crowd
  cast: Cast
  clock: Clock
  operator: Operator
  say: (line: string) => void
  stopping: AbortSignal
}): Promise<void> {
  const { crowd, cast, clock, operator, say, stopping } = options
  const { organizer, affiliate } = cast
  const midnight = Math.floor(Date.now() / DAY) * DAY
  const everyone = (call: (person: DemoPerson, index: number) => Promise<unknown>) =>
    eachOf(crowd.people, 4, async (person, index) => {
      stopping.throwIfAborted()
      await call(person, index)
    })

  const [start, end] = [dayTime(midnight, finished.from), dayTime(midnight, finished.to)]
  clock.travelTo(new Date(start.getTime() - DAY / 2))
  await everyone(crowd.account)
  for (const [person, role] of [
    [organizer, 'ADMIN'],
    [affiliate, 'AFFILIATE'],
  ] as const) {
    await operator.giveRole(person.email, role, clock.now())
    crowd.forget(person)
  }
  say(`  ${crowd.people.length} people`)

  const finishedId = await openCompetition(crowd, organizer, finished, midnight)
  await everyone((person) => join(crowd, person, finishedId))
  clock.travelTo(new Date(end.getTime() + HOUR))
  await everyone((person) => crowd.sync(person, start, end))
  clock.comeBack()
  await operator.catchUp(finishedId)
  say('  a finished competition')

  for (const competition of [...running, upcoming]) {
    const id = await openCompetition(crowd, organizer, competition, midnight)
    // Nine of ten join, so that there is somebody left who can.
    await everyone(async (person, index) => index % 10 !== 9 && join(crowd, person, id))
  }
  const earliest = Math.min(...running.map(({ from }) => from))
  await everyone((person) => crowd.sync(person, dayTime(midnight, earliest), clock.now()))
  say('  two running ones and one to come')
}
