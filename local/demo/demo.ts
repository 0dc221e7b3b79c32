import { openDatabase } from '../../platform/database.ts'
import { publish } from '../../platform/event-queue.ts'
import { createLogger } from '../../platform/logger.ts'
import type { Role } from '../../subgraphs/users/roles.ts'
import { createUserStore } from '../../subgraphs/users/store.ts'
import { type Client, createClient } from '../client.ts'
import type { Login } from '../welcome.ts'
import { dayTime, finished, join, openCompetition, running, upcoming } from './competitions.ts'
import { type Crowd, createCrowd, eachOf } from './crowd.ts'
import { demoPeople } from './people.ts'
import { simulate } from './simulate.ts'

const SEED = 20_261_121
const PEOPLE = 50
const DAY = 86_400_000 // ms

/**
 * The demo of one instance: some fifty people, a finished, two running and an upcoming competition, and a simulator
 * that goes on syncing. Everything goes through the public API, except what an operator does. `password` is everybody's.
 */
export function createDemo(env: NodeJS.ProcessEnv, password: string) {
  // While the past is filled in, the clock of the whole supergraph stands in it.
  let offset = 0
  const now = () => new Date(Date.now() + offset)
  const people = demoPeople(SEED, PEOPLE)
  const [admin, affiliate, user] = people
  if (!admin || !affiliate || !user) throw new Error('the demo has too few people')
  const crowdOf = (client: Client) => createCrowd(client, people, { seed: SEED, password, now })

  return {
    now,

    /** Fills in the demo data, unless they are there; gives a login for each role. */
    async fill(url: string, say: (line: string) => void, stopping: AbortSignal): Promise<Login[]> {
      const client = createClient(url)
      if (!(await isFilled(client))) {
        say('Filling in demo data, once …')
        await fillIn(crowdOf(client), say, stopping)
      }
      return [
        { role: 'admin', email: admin.email, password },
        { role: 'affiliate', email: affiliate.email, password },
        { role: 'user', email: user.email, password },
      ]
    },

    /** Keeps people syncing until closed. */
    simulate: (url: string) => simulate(crowdOf(createClient(url)), { seed: SEED, now }),
  }

  async function fillIn(crowd: Crowd, say: (line: string) => void, stopping: AbortSignal) {
    const midnight = Math.floor(Date.now() / DAY) * DAY
    const travel = (time: Date) => {
      offset = time.getTime() - Date.now()
    }
    const everyone = async (call: (person: (typeof people)[number], index: number) => Promise<unknown>) =>
      eachOf(people, 4, async (person, index) => {
        stopping.throwIfAborted()
        await call(person, index)
      })

    travel(new Date(dayTime(midnight, finished.from).getTime() - DAY / 2))
    await everyone(crowd.account)
    await giveRoles()
    say(`  ${people.length} people`)

    const finishedId = await openCompetition(crowd, admin as never, finished, midnight)
    await everyone((person) => join(crowd, person, finishedId))
    travel(new Date(dayTime(midnight, finished.to).getTime() + 3_600_000))
    await everyone((person) =>
      crowd.sync(person, dayTime(midnight, finished.from), dayTime(midnight, finished.to)),
    )
    travel(new Date())
    await catchUp(finishedId)
    say('  a finished competition')

    for (const competition of [...running, upcoming]) {
      const id = await openCompetition(crowd, admin as never, competition, midnight)
      await everyone(
        (person, index) => (index % 10 === 9 ? undefined : join(crowd, person, id)) as Promise<void>,
      )
    }
    const [first] = running
    await everyone((person) => crowd.sync(person, dayTime(midnight, first?.from ?? 0), now()))
    say('  two running ones and one to come')
  }

  async function giveRoles() {
    const roles: [string, Role][] = [
      [admin?.email ?? '', 'ADMIN'],
      [affiliate?.email ?? '', 'AFFILIATE'],
    ]
    const database = openDatabase({
      url: env.DATABASE_URL ?? '',
      schema: 'users',
      logger: createLogger('warn'),
    })
    for (const [email, role] of roles) await createUserStore(database.db).setRole(email, role, now())
    await database.close()
  }

  /** The steps of its lifecycle were scheduled by a clock in the past; today's finds them due. */
  async function catchUp(competitionId: string) {
    const database = openDatabase({
      url: env.DATABASE_URL ?? '',
      schema: 'competitions',
      logger: createLogger('warn'),
    })
    await publish(database.db, [{ name: 'competition.due', payload: { competitionId } }])
    await database.close()
  }
}

/** Whether the last competition that `fillIn` opens is there. */
async function isFilled(client: Client): Promise<boolean> {
  const { competitions } = await client.send<{ competitions: { totalCount: number } }>(
    'query ($filter: CompetitionFilter) { competitions(filter: $filter) { totalCount } }',
    { filter: { search: upcoming.name } },
  )
  return competitions.totalCount > 0
}
