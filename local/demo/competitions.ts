import { UserErrorsError } from '../client.ts'
import type { Crowd } from './crowd.ts'
import type { DemoPerson } from './people.ts'

const DAY = 86_400_000 // ms

/** A competition of the demo; days count from the midnight (UTC) before the demo was filled. */
type DemoCompetition = { name: string; description: string; metric: string; from: number; to: number }

export const finished: DemoCompetition = {
  name: 'Warm-up week',
  description: 'Five days of walking, to get going. Over, and its standings are final.',
  metric: 'STEPS',
  from: -8,
  to: -3,
}

export const running: DemoCompetition[] = [
  {
    name: 'November steps',
    description: 'Who walks the most in nine days?',
    metric: 'STEPS',
    from: -2,
    to: 7,
  },
  {
    name: 'Distance derby',
    description: 'Metres on foot. Join late: what was walked since the start counts.',
    metric: 'DISTANCE',
    from: -1,
    to: 5,
  },
]

export const upcoming: DemoCompetition = {
  name: 'Midwinter mile',
  description: 'Starts soon. Join now.',
  metric: 'ACTIVE_MINUTES',
  from: 3,
  to: 10,
}

/** When a competition starts or ends. */
export function dayTime(midnight: number, day: number): Date {
  return new Date(midnight + day * DAY)
}

const MINE = '{ viewer { competitions(first: 100) { edges { node { id name status } } } } }'
const CREATE = `mutation ($input: CreateCompetitionInput!) {
  createCompetition(input: $input) { competition { id name status } userErrors { code message field } }
}`
const OPEN = 'mutation ($id: ID!) { openCompetition(id: $id) { userErrors { code message field } } }'
const JOIN = 'mutation ($id: ID!) { joinCompetition(id: $id) { userErrors { code message field } } }'

type Competition = { id: string; name: string; status: string }
type Mine = { viewer: { competitions: { edges: { node: Competition }[] } } }

/** Creates and opens a competition, unless its organizer has it already; gives its id. */
export async function openCompetition(
  crowd: Crowd,
  organizer: DemoPerson,
  { name, description, metric, from, to }: DemoCompetition,
  midnight: number,
): Promise<string> {
  const { viewer } = await crowd.send<Mine>(organizer, MINE)
  const known = viewer.competitions.edges.find(({ node }) => node.name === name)?.node
  const { id, status } = known ?? (await create())
  if (status === 'DRAFT') await crowd.mutate(organizer, OPEN, { id })
  return id

  async function create(): Promise<Competition> {
    const times = { startsAt: dayTime(midnight, from), endsAt: dayTime(midnight, to) }
    const input = { name, description, metric, ...times }
    return (await crowd.mutate<{ competition: Competition }>(organizer, CREATE, { input })).competition
  }
}

/** Has a person join, unless they are in it, or it is over. */
export async function join(crowd: Crowd, person: DemoPerson, id: string): Promise<void> {
  await crowd.mutate(person, JOIN, { id }).catch((error: unknown) => {
    const late =
      error instanceof UserErrorsError && /ALREADY_JOINED|COMPETITION_CLOSED/.test(error.codes.join())
    if (!late) throw error
  })
}
