import type { CodegenConfig } from '@graphql-codegen/cli'
import { type SubgraphName, subgraphNames } from './platform/names.ts'

const shared = '../../platform/request.ts'

/** What resolvers return for a type of the schema, where it is not the type's own shape; a subgraph each. */
const mappers: Record<SubgraphName, Record<string, string>> = {
  users: {
    Viewer: './tables.ts#PersonRow as PersonSource',
    User: './tables.ts#PersonRow as PersonSource',
    UserConnection: './directory.ts#Directory as DirectorySource',
    UserEdge: './directory.ts#DirectoryEdge as DirectoryEdgeSource',
    Session: './tables.ts#SessionRow as SessionSource',
    ApiKey: './tables.ts#ApiKeyRow as ApiKeySource',
    AuditEntry: './audit.ts#AuditRow as AuditSource',
  },
  competitions: {
    Competition: './competition.ts#Competition as CompetitionSource',
    CompetitionConnection: './connections.ts#CompetitionConnection as CompetitionConnectionSource',
    Participation: './tables.ts#ParticipationRow as ParticipationSource',
    ParticipationConnection: './connections.ts#ParticipationConnection as ParticipationConnectionSource',
    Invitation: './invitation-store.ts#Invitation as InvitationSource',
    InvitationConnection: './connections.ts#InvitationConnection as InvitationConnectionSource',
    User: './competition.ts#PersonReference as UserSource',
    Viewer: './competition.ts#PersonReference as ViewerSource',
  },
  leaderboard: {
    Competition: './loaders.ts#CompetitionSource',
    Leaderboard: './loaders.ts#LeaderboardSource',
    LeaderboardFrame: './frames.ts#Frame as FrameSource',
    Standing: './ranking.ts#Standing as StandingSource',
    Move: './moves.ts#Move as MoveSource',
  },
  fitness: {
    Fitness: './resolvers.ts#FitnessSource',
    ActivitySummary: './store.ts#SummarySource',
  },
  notifications: {
    Viewer: './resolvers.ts#ViewerSource',
    Notification: './store.ts#FeedItem',
  },
}

/**
 * SDL -> resolver types, one generated.ts a subgraph. A field's context is typed by its directives, so a resolver that
 * reads `viewer` where the schema does not say that the field depends on who asks does not compile.
 */
const config: CodegenConfig = {
  generates: Object.fromEntries(
    subgraphNames.map((name) => [
      `subgraphs/${name}/generated.ts`,
      {
        schema: ['schema/common.graphql', `schema/${name}.graphql`],
        plugins: ['typescript', 'typescript-resolvers'],
        config: {
          federation: true,
          useTypeImports: true,
          enumsAsTypes: true,
          strictScalars: true,
          immutableTypes: false,
          defaultScalarType: 'unknown',
          contextType: './resolvers.ts#Context',
          directiveContextTypes: [
            `authenticated#${shared}#Authenticated`,
            `requiresScopes#${shared}#Authenticated`,
            `perViewer#${shared}#PerViewer`,
          ],
          mappers: mappers[name],
          scalars: {
            _FieldSet: 'string',
            DateTime: 'Date',
            LocalDate: 'string',
            TimeZone: 'string',
            EmailAddress: 'string',
            URL: 'string',
          },
        },
      },
    ]),
  ),
}

export default config
