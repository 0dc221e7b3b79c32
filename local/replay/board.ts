import type { Account } from '../accounts.ts'
import { type Client, UserErrorsError } from '../client.ts'

/** A place on the board. */
export type Standing = { rank: number; score: number; name: string }

/** The most places that one page or frame shows. */
const PAGE = 100

const CREATE = `mutation ($input: CreateCompetitionInput!) {
  createCompetition(input: $input) { competition { id } userErrors { code message field } }
}`
const OPEN = 'mutation ($id: ID!) { openCompetition(id: $id) { userErrors { code message field } } }'
const JOIN = 'mutation ($id: ID!) { joinCompetition(id: $id) { userErrors { code message field } } }'
const MINE = '{ viewer { competitions(first: 100) { edges { node { id name startsAt } } } } }'
const STANDINGS = `query ($competitionId: ID!, $after: String) {
  leaderboard(competitionId: $competitionId) {
    standings(first: ${PAGE}, after: $after) {
      edges { node { rank score user { displayName } } }
      pageInfo { hasNextPage endCursor }
    }
  }
}`
const WATCH = `subscription ($competitionId: ID!) {
  leaderboardChanged(competitionId: $competitionId, first: ${PAGE}) {
    standings { rank score user { displayName } }
    competition { name }
  }
}`

type Competition = { id: string; name: string; startsAt: string }
type Mine = { viewer: { competitions: { edges: { node: Competition }[] } } }
type Row = { rank: number; score: number; user: { displayName: string } | null }
type Page = { edges: { node: Row }[]; pageInfo: { hasNextPage: boolean; endCursor: string } }

/** The competition of this name that the organizer has already, or a new one; open for people to join. */
export async function openBoard(
  client: Client,
  organizer: Account,
  wanted: { name: string; startsAt: Date; endsAt: Date },
) {
  const { viewer } = await client.send<Mine>(MINE, {}, organizer.token)
  const known = viewer.competitions.edges.find(({ node }) => node.name === wanted.name)?.node
  const { id, startsAt } = known ?? (await create())

  async function create(): Promise<Competition> {
    const input = { ...wanted, metric: 'STEPS' }
    const { competition } = await client.mutate<{ competition: Competition }>(
      CREATE,
      { input },
      organizer.token,
    )
    await client.mutate(OPEN, { id: competition.id }, organizer.token)
    return { ...competition, name: wanted.name, startsAt: wanted.startsAt.toISOString() }
  }

  return {
    startsAt: new Date(startsAt),

    /** What anyone sends who watches it. */
    watching: { query: WATCH, variables: { competitionId: id } },

    /** Joins, unless the account is in it, or in the standings of one that is over. */
    async join(account: Account): Promise<void> {
      try {
        await client.mutate(JOIN, { id }, account.token)
      } catch (error) {
        const joined = error instanceof UserErrorsError && error.codes.includes('ALREADY_JOINED')
        if (!joined && !(known && error instanceof UserErrorsError && error.codes.includes('COMPETITION_CLOSED'))) throw error // biome-ignore format: one condition
      }
    },

    /** Everyone who has a score, best first. */
    async standings(): Promise<Standing[]> {
      const rows: Row[] = []
      for (let after: string | null = null; ; ) {
        type Answer = { leaderboard: { standings: Page } | null }
        const answer: Answer = await client.send<Answer>(
          STANDINGS,
          { competitionId: id, after },
          organizer.token,
        )
        const page = answer.leaderboard?.standings
        rows.push(...(page?.edges.map(({ node }) => node) ?? []))
        if (!page?.pageInfo.hasNextPage) return rows.map(standingOf)
        after = page.pageInfo.endCursor
      }
    },

    /** Calls with every frame; `first` is there once one came. */
    watch(onFrame: (standings: Standing[]) => void) {
      const first = Promise.withResolvers<void>()
      type Frame = { leaderboardChanged: { standings: Row[] } }
      const { close } = client.subscribe<Frame>(
        { ...this.watching, token: organizer.token },
        ({ leaderboardChanged }) => {
          first.resolve()
          onFrame(leaderboardChanged.standings.map(standingOf))
        },
        first.reject,
      )
      return { first: first.promise, close }
    },
  }
}

function standingOf({ rank, score, user }: Row): Standing {
  return { rank, score, name: user?.displayName ?? '' }
}
