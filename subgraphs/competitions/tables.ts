import { sql } from 'drizzle-orm'
import {
  boolean,
  check,
  customType,
  index,
  integer,
  pgSchema,
  primaryKey,
  text,
  uuid,
} from 'drizzle-orm/pg-core'
import { instant } from '../../platform/columns.ts'
import { PROFILE_VISIBILITIES } from '../../platform/profile-visibility.ts'

const schema = pgSchema('competitions')

/** Words to search, as they come from words.ts: PostgreSQL's own parser would depend on the server's locale. */
const wordSet = customType<{ data: string[]; driverData: string }>({
  dataType: () => 'tsvector',
  toDriver: (words) => sql`array_to_tsvector(${sql.param(words)}::text[])`,
})

export const competitions = schema.table(
  'competitions',
  {
    id: uuid().primaryKey().defaultRandom(),
    organizerId: uuid('organizer_id').notNull(),
    name: text().notNull(),
    description: text(),
    metric: text({ enum: ['STEPS', 'DISTANCE', 'ACTIVE_ENERGY', 'ACTIVE_MINUTES', 'ELEVATION'] }).notNull(),
    startsAt: instant('starts_at').notNull(),
    endsAt: instant('ends_at').notNull(),
    timeZone: text('time_zone').notNull(),
    visibility: text({ enum: ['PUBLIC', 'INVITATION'] }).notNull(),
    capacity: integer(),
    minimumParticipants: integer('minimum_participants').notNull(),
    /** How many are in it: changed in the transaction that changes the participation. */
    participantCount: integer('participant_count').notNull().default(0),
    status: text({
      enum: ['DRAFT', 'OPEN', 'ACTIVE', 'CLOSING', 'FINALIZING', 'COMPLETED', 'CANCELLED'],
    }).notNull(),
    /** Null until it opens, and for ever where it was called off before. */
    openedAt: instant('opened_at'),
    /** Fixed when it opens. */
    syncUntil: instant('sync_until'),
    /** SHA-256 of the final standings, once it is completed. */
    digest: text(),
    /** Why it was cancelled. */
    reason: text(),
    /** Up with every change of the name after opening, for those who keep a copy. */
    nameVersion: integer('name_version').notNull().default(0),
    words: wordSet().notNull(),
  },
  (table) => [
    index().on(table.startsAt, table.id),
    index().on(table.organizerId),
    index().using('gin', table.words),
    check(
      'competitions_capacity',
      sql`${table.participantCount} between 0 and coalesce(${table.capacity}, 2147483647)`,
    ),
    check('competitions_opened', sql`${table.status} in ('DRAFT', 'CANCELLED') or (${table.openedAt} is not null and ${table.syncUntil} is not null)`), // biome-ignore format: SQL
  ],
)

/** Who is in a competition, or was. */
export const participations = schema.table(
  'participations',
  {
    competitionId: uuid('competition_id')
      .notNull()
      .references(() => competitions.id),
    userId: uuid('user_id').notNull(),
    status: text({ enum: ['JOINED', 'LEFT'] }).notNull(),
    /** The latest time of joining. */
    joinedAt: instant('joined_at').notNull(),
    /** Up with every change, so that events about it may come in any order. */
    version: integer().notNull(),
    /** By whose code they came the first time; null where it took none. */
    invitedBy: uuid('invited_by'),
  },
  (table) => [
    primaryKey({ columns: [table.competitionId, table.userId] }),
    index().on(table.userId, table.competitionId),
    index('participations_invited_by')
      .on(table.invitedBy, table.competitionId)
      .where(sql`invited_by is not null`),
    index('participations_joined')
      .on(table.competitionId, table.joinedAt, table.userId)
      .where(sql`status = 'JOINED'`),
  ],
)

export type ParticipationRow = typeof participations.$inferSelect

/** Who invites to which competition: each with one code that works. */
export const invitations = schema.table(
  'invitations',
  {
    competitionId: uuid('competition_id')
      .notNull()
      .references(() => competitions.id, { onDelete: 'cascade' }),
    inviterId: uuid('inviter_id').notNull(),
    /** SHA-256 of the code; the code itself is not kept. */
    codeHash: text('code_hash').notNull().unique(),
    /** When this code was made. */
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.competitionId, table.inviterId] }),
    index().on(table.inviterId, table.createdAt, table.competitionId),
  ],
)

/** Who was erased: nothing of theirs is made any more, whatever still comes. */
export const erasedPeople = schema.table('erased_people', {
  userId: uuid('user_id').primaryKey(),
  erasedAt: instant('erased_at').notNull(),
})

/** What is known of people: a copy of what the users subgraph tells. */
export const profiles = schema.table('profiles', {
  userId: uuid('user_id').primaryKey(),
  visibility: text({ enum: PROFILE_VISIBILITIES }).notNull(),
  /** Whether their codes invite to public competitions. */
  mayInvite: boolean('may_invite').notNull(),
  version: integer().notNull(),
})
