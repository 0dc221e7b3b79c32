import { eq } from 'drizzle-orm'
import { columnsBut, type ExportPart } from '../../platform/export.ts'
import { emails, feedItems, outbox, people } from './tables.ts'

/** What notifications holds about a person. What they were told of others is told as it was, without the others' ids. */
export const personalData = (userId: string): ExportPart[] => [
  {
    kind: 'name',
    table: people,
    columns: columnsBut(people),
    where: eq(people.userId, userId),
    key: [people.userId],
  },
  {
    kind: 'notification',
    table: feedItems,
    columns: columnsBut(feedItems, 'position', 'dedupeKey', 'aboutId', 'moverIds'),
    where: eq(feedItems.userId, userId),
    key: [feedItems.position],
  },
  {
    kind: 'email',
    table: emails,
    columns: columnsBut(emails),
    where: eq(emails.userId, userId),
    key: [emails.id],
  },
  {
    kind: 'developersCopyOfEmail',
    table: outbox,
    columns: columnsBut(outbox, 'position', 'text', 'html'),
    where: eq(outbox.userId, userId),
    key: [outbox.position],
  },
]
