import { isNotNull } from 'drizzle-orm'
import { bigint, boolean, index, integer, pgSchema, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { instant } from '../../platform/columns.ts'

const schema = pgSchema('leaderboard')

/** The order is the ordinal that a board's revision counts. */
export const boardStates = ['LIVE', 'PROVISIONAL', 'FINAL'] as const

/** A board for each competition that was opened, with what of the competition it needs. */
export const boards = schema.table('boards', {
  competitionId: uuid('competition_id').primaryKey(),
  startsAt: instant('starts_at').notNull(),
  endsAt: instant('ends_at').notNull(),
  visibility: text({ enum: ['PUBLIC', 'INVITATION'] }).notNull(),
  organizerId: uuid('organizer_id').notNull(),
  state: text({ enum: boardStates }).notNull(),
  /** How often the board was built anew in Redis; part of its revision, so that a repaired board has a new one. */
  rebuilds: integer().notNull().default(0),
  /** Of a final board: how many people it lists, and the sum of its standings' versions. */
  finalSize: integer('final_size'),
  finalVersions: integer('final_versions'),
  /** SHA-256 of the final standings (final-standings.ts). */
  digest: text(),
  updatedAt: instant('updated_at').notNull(),
})

/** Who takes part, for who may see; a copy of competitions' participations. */
export const members = schema.table(
  'members',
  {
    competitionId: uuid('competition_id').notNull(),
    userId: uuid('user_id').notNull(),
    version: integer().notNull(),
    joined: boolean().notNull(),
  },
  (table) => [primaryKey({ columns: [table.competitionId, table.userId] })],
)

/** The truth about every board. Who no longer has a score keeps the row, since its versions must go on. */
export const standings = schema.table(
  'standings',
  {
    competitionId: uuid('competition_id').notNull(),
    userId: uuid('user_id').notNull(),
    /** What fitness computed last, and that computation's version. */
    computedScore: integer('computed_score'),
    computedVersion: bigint('computed_version', { mode: 'number' }).notNull(),
    /** The sum of corrections by hand. */
    adjustment: integer().notNull(),
    /** What the board shows: computed and adjusted; null for who is not on it. */
    score: integer(),
    /** When the computed score was reached; a correction does not change it. */
    achievedAt: instant('achieved_at'),
    /** Up with every change of `score` or `achievedAt`. */
    version: integer().notNull(),
    /** Order on the board (packing.ts); null while there is no score, or no board yet. */
    packed: bigint({ mode: 'number' }),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.competitionId, table.userId] }),
    // Read backwards, the order of the board.
    index().on(table.competitionId, table.packed, table.userId).where(isNotNull(table.packed)),
  ],
)

/** The standings as they were frozen. */
export const finalStandings = schema.table(
  'final_standings',
  {
    competitionId: uuid('competition_id').notNull(),
    /** From 1, without gaps: the order of the list. */
    place: integer().notNull(),
    /** Shared by people with equal scores. */
    rank: integer().notNull(),
    userId: uuid('user_id').notNull(),
    score: integer().notNull(),
    achievedAt: instant('achieved_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.competitionId, table.place] })],
)
