import { eq } from 'drizzle-orm'
import { columnsBut, type ExportPart } from '../../platform/export.ts'
import { competitions, invitations, participations } from './tables.ts'

/** What competitions holds about a person. */
export const personalData = (userId: string): ExportPart[] => [
  {
    kind: 'organizedCompetition',
    table: competitions,
    columns: columnsBut(competitions, 'words'),
    where: eq(competitions.organizerId, userId),
    key: [competitions.id],
  },
  {
    kind: 'participation',
    table: participations,
    columns: columnsBut(participations, 'invitedBy'),
    where: eq(participations.userId, userId),
    key: [participations.competitionId],
  },
  {
    kind: 'invitation',
    table: invitations,
    columns: columnsBut(invitations, 'codeHash'),
    where: eq(invitations.inviterId, userId),
    key: [invitations.competitionId],
  },
]
