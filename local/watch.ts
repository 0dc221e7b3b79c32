import { parseArgs } from 'node:util'
import { createClient } from './client.ts'

const usage = `Usage: npm run watch -- [URL] [--competition ID] [--first 10]
Shows a live leaderboard in the terminal; without an id, that of the running competition with the most people.`

type Frame = {
  leaderboardChanged: {
    revision: number
    changedAt: string
    // Null while the part of the service that adds it is away.
    competition: { name: string } | null
    standings: { rank: number; score: number; user: { displayName: string } | null }[]
  }
}
type Competitions = { competitions: { edges: { node: { id: string; participantCount: number } }[] } }

const { values, positionals } = readArguments()
const first = Number(values.first)
if (values.help || !Number.isInteger(first) || positionals.length > 1) {
  console.error(usage)
  process.exit(values.help ? 0 : 2)
}
const url = positionals[0] ?? `http://localhost:${process.env.PORT || 4000}/graphql`
const client = createClient(url)

try {
  const competitionId = values.competition ?? (await mostPopular())
  client.subscribe<Frame>(
    {
      query: `subscription ($competitionId: ID!, $first: Int) {
        leaderboardChanged(competitionId: $competitionId, first: $first) {
          revision changedAt competition { name } standings { rank score user { displayName } }
        }
      }`,
      variables: { competitionId, first },
    },
    ({ leaderboardChanged: { competition, revision, changedAt, standings } }) => {
      const rows = standings.map(
        ({ rank, score, user }) =>
          `${String(rank).padStart(4)}  ${String(score).padStart(9)}  ${user?.displayName ?? '(name not known now)'}`,
      )
      console.log(
        [`\n${competition?.name ?? 'Leaderboard'}, revision ${revision}, ${changedAt}`, ...rows].join('\n'),
      )
    },
    (error) => {
      console.error(error.message)
      process.exit(1)
    },
  )
} catch (error) {
  // fetch reaches nobody, which it says in two words.
  if (error instanceof TypeError) console.error(`Nothing answers at ${url}. Is it running? npm start`)
  else console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        competition: { type: 'string' },
        first: { type: 'string', default: '10' },
        help: { type: 'boolean' },
      },
    })
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`)
    process.exit(2)
  }
}

async function mostPopular(): Promise<string> {
  const { competitions } = await client.send<Competitions>(
    '{ competitions(first: 100, filter: { status: [ACTIVE] }) { edges { node { id participantCount } } } }',
  )
  const [best] = competitions.edges
    .map(({ node }) => node)
    .sort((a, b) => b.participantCount - a.participantCount)
  if (!best) throw new Error('No competition is running. Name one: npm run watch -- --competition ID')
  return best.id
}
