import { type Client, createClient } from '../client.ts'
import type { Login } from '../welcome.ts'
import { createClock } from './clock.ts'
import { upcoming } from './competitions.ts'
import { createCrowd } from './crowd.ts'
import { fill } from './fill.ts'
import { createOperator } from './operator.ts'
import { demoPeople } from './people.ts'
import { simulate } from './simulate.ts'

const SEED = 20_261_121
const PEOPLE = 50

/**
 * The demo of one instance: some fifty people, a finished, two running and an upcoming competition, and a simulator
 * that goes on syncing, all through the public API. `password` is everybody's.
 */
export function createDemo(databaseUrl: string, password: string) {
  const clock = createClock()
  const people = demoPeople(SEED, PEOPLE)
  const [organizer, affiliate, user] = people
  if (!organizer || !affiliate || !user) throw new Error('the demo has too few people')
  const crowdOf = (client: Client) => createCrowd(client, people, { seed: SEED, password, now: clock.now })

  return {
    /** The clock that the supergraph must go by. */
    now: clock.now,

    /** Fills in the demo data, unless they are there; gives a login for each role. */
    async fill(url: string, say: (line: string) => void, stopping: AbortSignal): Promise<Login[]> {
      const client = createClient(url)
      if (!(await isFilled(client))) {
        say('Filling in demo data, once …')
        const operator = createOperator(databaseUrl)
        await fill({ crowd: crowdOf(client), cast: { organizer, affiliate }, clock, operator, say, stopping })
      }
      return [
        { role: 'admin', email: organizer.email, password },
        { role: 'affiliate', email: affiliate.email, password },
        { role: 'user', email: user.email, password },
      ]
    },

    /** Keeps people syncing until closed. */
    simulate: (url: string) => simulate(crowdOf(createClient(url)), { seed: SEED, now: clock.now }),
  }
}

/** Whether the last competition that is filled in is there. */
async function isFilled(client: Client): Promise<boolean> {
  type Found = { competitions: { edges: { node: { participantCount: number } }[] } }
  const { competitions } = await client.send<Found>(
    `query ($filter: CompetitionFilter) {
      competitions(filter: $filter, first: 1) { edges { node { participantCount } } }
    }`,
    { filter: { search: upcoming.name } },
  )
  return (competitions.edges[0]?.node.participantCount ?? 0) > 0
}
