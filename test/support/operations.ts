import type { Person } from './supergraph.ts'

const USER_ERRORS = 'userErrors { code message field }'

const QUARTER = 15 * 60_000 // ms

/** The latest full quarter hour. */
export function quarter(now: Date, hours = 0): Date {
  return new Date(Math.floor(now.getTime() / QUARTER) * QUARTER + hours * 3_600_000)
}

/** Creates a competition and opens it; gives its id. */
export async function openCompetition(organizer: Person, input: object): Promise<string> {
  const { competition } = await organizer.mutate<{ competition: { id: string } }>(
    `mutation ($input: CreateCompetitionInput!) { createCompetition(input: $input) { competition { id } ${USER_ERRORS} } }`,
    { input: { name: 'A competition', metric: 'STEPS', minimumParticipants: 1, ...input } },
  )
  await organizer.mutate(`mutation ($id: ID!) { openCompetition(id: $id) { ${USER_ERRORS} } }`, {
    id: competition.id,
  })
  return competition.id
}

export const join = (person: Person, id: string, invitationCode?: string) =>
  person.mutate(
    `mutation ($id: ID!, $invitationCode: String) { joinCompetition(id: $id, invitationCode: $invitationCode) { participation { status } ${USER_ERRORS} } }`,
    { id, invitationCode },
  )

export const leave = (person: Person, id: string) =>
  person.mutate(`mutation ($id: ID!) { leaveCompetition(id: $id) { ${USER_ERRORS} } }`, { id })

export type SyncAnswer = {
  accepted: number
  duplicates: number
  rejected: { externalId: string; reason: string }[]
  days: { date: string; steps: number }[]
}

type SyncRecord = {
  externalId: string
  value: number
  startedAt: Date
  endedAt: Date
  [other: string]: unknown
}

/** Syncs step records from one of the person's devices. */
export const sync = (
  person: Person,
  records: SyncRecord[],
  device: { deviceId?: string; deviceKind?: string; deleted?: string[]; provider?: string } = {},
) =>
  person.mutate<SyncAnswer>(
    `mutation ($input: SyncFitnessInput!) {
      syncFitness(input: $input) { accepted duplicates rejected { externalId reason } days { date steps } ${USER_ERRORS} }
    }`,
    {
      input: {
        provider: 'HEALTH_CONNECT',
        deviceId: `phone of ${person.id}`,
        ...device,
        records: records.map((record) => ({ metric: 'STEPS', ...record })),
      },
    },
  )

/** A record of `value` steps over an hour. */
export const hour = (externalId: string, value: number, startedAt: Date, more: object = {}): SyncRecord => ({
  externalId,
  value,
  startedAt,
  endedAt: new Date(startedAt.getTime() + 3_600_000),
  ...more,
})

export type Row = { rank: number; score: number; user: { displayName: string } }

type Board = {
  leaderboard: { revision: number; state: string; standings: { edges: { node: Row }[] } } | null
}

/** The board as the API tells it: [rank, name, score], best first. */
export async function board(person: Person, competitionId: string): Promise<[number, string, number][]> {
  const { leaderboard } = await person.send<Board>(
    `query ($id: ID!) { leaderboard(competitionId: $id) { revision state standings(first: 100) { edges { node { rank score user { displayName } } } } } }`,
    { id: competitionId },
  )
  return (leaderboard?.standings.edges ?? []).map(({ node }) => [
    node.rank,
    node.user.displayName,
    node.score,
  ])
}
