import { and, eq, ne, or, type SQL, sql } from 'drizzle-orm'
import { columnsBut, type ExportPart } from '../../../platform/export.ts'
import {
  apiKeys,
  auditEntries,
  avatarUploads,
  dataExports,
  emailTokens,
  outsideIdentities,
  people,
  sessions,
} from '../tables.ts'

/** What users holds about a person, without what is to be kept secret: hashes. */
export const personalData = (userId: string): ExportPart[] => [
  {
    kind: 'profile',
    table: people,
    columns: columnsBut(people, 'passwordHash'),
    where: eq(people.id, userId),
    key: [people.id],
  },
  {
    kind: 'session',
    table: sessions,
    columns: columnsBut(sessions, 'outsideKey'),
    where: eq(sessions.userId, userId),
    key: [sessions.id],
  },
  {
    kind: 'apiKey',
    table: apiKeys,
    columns: columnsBut(apiKeys, 'secretHash'),
    where: eq(apiKeys.userId, userId),
    key: [apiKeys.id],
  },
  {
    kind: 'mailedLink',
    table: emailTokens,
    columns: columnsBut(emailTokens, 'hash'),
    where: eq(emailTokens.userId, userId),
    key: [emailTokens.hash],
  },
  {
    kind: 'outsideIdentity',
    table: outsideIdentities,
    columns: columnsBut(outsideIdentities),
    where: eq(outsideIdentities.userId, userId),
    key: [outsideIdentities.issuer, outsideIdentities.subject],
  },
  {
    kind: 'upload',
    table: avatarUploads,
    columns: columnsBut(avatarUploads),
    where: eq(avatarUploads.userId, userId),
    key: [avatarUploads.id],
  },
  {
    kind: 'export',
    table: dataExports,
    columns: columnsBut(dataExports),
    where: eq(dataExports.userId, userId),
    key: [dataExports.id],
  },
  ...auditData(userId),
]

/** Who did it is told where it was the person: nobody else's identity is in it. */
function auditData(userId: string): ExportPart[] {
  const { actorId } = auditEntries
  const byYou = sql`case when ${actorId} = ${userId} then ${actorId} end`
  const about = eq(auditEntries.subjectId, userId)
  const ofTheirs = eq(sql`${auditEntries.details}->>'userId'`, userId)
  const part = (kind: string, where: SQL | undefined, columns: ExportPart['columns'] = {}): ExportPart => ({
    kind,
    table: auditEntries,
    columns: { ...columnsBut(auditEntries), actorId: byYou, ...columns },
    where,
    key: [auditEntries.at, auditEntries.id],
  })
  // What they did to others is told as theirs, and to whom and why is not.
  const isAboutOthers = or(eq(auditEntries.subjectType, 'user'), sql`${auditEntries.details} ? 'userId'`)
  const unlessOthers = (column: SQL) => sql`case when not (${isAboutOthers}) then ${column} end`
  return [
    part('auditEntry', about),
    part('auditEntry', and(ofTheirs, ne(auditEntries.subjectId, userId))),
    part(
      'ownAct',
      and(eq(actorId, userId), ne(auditEntries.subjectId, userId), sql`${ofTheirs} is not true`),
      {
        subjectId: unlessOthers(sql`${auditEntries.subjectId}`),
        details: unlessOthers(sql`${auditEntries.details}`),
      },
    ),
  ]
}
