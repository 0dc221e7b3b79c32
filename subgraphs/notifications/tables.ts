import { eq, isNotNull, isNull, sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  index,
  integer,
  pgSchema,
  primaryKey,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core'
import { instant } from '../../platform/columns.ts'

const schema = pgSchema('notifications')

/** A copy of what others call people, fed by events. */
export const people = schema.table('people', {
  userId: uuid('user_id').primaryKey(),
  displayName: text('display_name').notNull(),
  version: integer().notNull(),
  /** Since when the person is erased, and nobody is told a name of theirs. */
  erasedAt: instant('erased_at'),
})

/** A copy of what competitions are called and who organizes them, fed by events. */
export const competitions = schema.table('competitions', {
  id: uuid().primaryKey(),
  name: text().notNull(),
  /** Null until competition.opened has come: a rename may come before it. */
  organizerId: uuid('organizer_id'),
  /** Of the name; 0 is the name that the competition opened with. */
  version: integer().notNull(),
})

/** A copy of who takes part in what, fed by events; who left stays, so that an older event cannot bring them back. */
export const participants = schema.table(
  'participants',
  {
    competitionId: uuid('competition_id').notNull(),
    userId: uuid('user_id').notNull(),
    version: integer().notNull(),
    joined: boolean().notNull(),
  },
  (table) => [primaryKey({ columns: [table.competitionId, table.userId] })],
)

/** What everyone in a competition is told, as it was written when it happened. */
export const announcements = schema.table(
  'announcements',
  {
    competitionId: uuid('competition_id').notNull(),
    cause: text({ enum: ['STARTED', 'CLOSED', 'COMPLETED', 'CANCELLED'] }).notNull(),
    title: text().notNull(),
    body: text().notNull(),
    at: instant('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.competitionId, table.cause] })],
)

/** The events about overtaking that were dealt with, told or not; kept while they may come again. */
export const overtakings = schema.table(
  'overtakings',
  {
    competitionId: uuid('competition_id').notNull(),
    moverId: uuid('mover_id').notNull(),
    version: integer().notNull(),
    at: instant('at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.competitionId, table.moverId, table.version] }),
    index().on(table.at),
  ],
)

/** What became of mails: neither what was in them nor where they went. */
export const emails = schema.table(
  'emails',
  {
    id: uuid().primaryKey(),
    userId: uuid('user_id').notNull(),
    kind: text({ enum: ['VERIFY_EMAIL', 'RESET_PASSWORD', 'PASSWORD_CHANGED', 'EXPORT_READY'] }).notNull(),
    /** WAITING is tried again; the others are final. */
    status: text({ enum: ['WAITING', 'SENT', 'FAILED', 'NOT_SENT'] }).notNull(),
    /** How often it was begun to be sent. */
    attempts: integer().notNull(),
    /** Why it is not sent; null while nothing is known of it, and once it was. */
    reason: text(),
    /** Of the latest attempt. */
    at: instant('at').notNull(),
  },
  (table) => [index().on(table.userId), index().on(table.at)],
)

/** Mails that went nowhere, for developers to read; empty in production. */
export const outbox = schema.table('outbox', {
  position: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  emailId: uuid('email_id').notNull().unique(),
  userId: uuid('user_id').notNull(),
  to: text().notNull(),
  subject: text().notNull(),
  text: text().notNull(),
  html: text().notNull(),
  at: instant('at').notNull(),
})

/**
 * One row a person: the position of their newest item. Whoever adds items raises it in the same transaction, and its
 * lock makes them take turns, so a person's positions have no gaps and become visible in their order.
 */
export const feeds = schema.table('feeds', {
  userId: uuid('user_id').primaryKey(),
  lastPosition: bigint('last_position', { mode: 'number' }).notNull(),
  /** Since when the person is erased, and is told nothing. */
  erasedAt: instant('erased_at'),
})

export const feedItems = schema.table(
  'feed_items',
  {
    id: uuid().primaryKey().defaultRandom(),
    userId: uuid('user_id').notNull(),
    position: bigint({ mode: 'number' }).notNull(),
    /** Names the cause: a person is told of it once. */
    dedupeKey: text('dedupe_key').notNull(),
    category: text({ enum: ['COMPETITION', 'RANK', 'SECURITY'] }).notNull(),
    title: text().notNull(),
    body: text().notNull(),
    at: instant('at').notNull(),
    readAt: instant('read_at'),
    competitionId: uuid('competition_id'),
    /** Who it is about. */
    aboutId: uuid('about_id'),
    /** Of an item about being overtaken: everyone it tells of. */
    moverIds: uuid('mover_ids').array().notNull().default(sql`'{}'`),
  },
  (table) => [
    unique().on(table.userId, table.position),
    unique().on(table.userId, table.dedupeKey),
    index('feed_items_about').on(table.aboutId).where(isNotNull(table.aboutId)),
    index('feed_items_unread').on(table.userId, table.position).where(isNull(table.readAt)),
    index('feed_items_rank')
      .on(table.userId, table.competitionId, table.at)
      .where(eq(table.category, sql`'RANK'`)),
  ],
)
