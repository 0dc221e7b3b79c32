import { eq, sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  pgSchema,
  primaryKey,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core'
import { instant } from '../../platform/columns.ts'
import type { Metric, Provider, WorkoutKind } from './generated.ts'

const schema = pgSchema('fitness')

/** In the order of the API's ActivityDay. */
export const metrics = [
  'STEPS',
  'DISTANCE',
  'ACTIVE_ENERGY',
  'ACTIVE_MINUTES',
  'ELEVATION',
] as const satisfies Metric[]
const providers = ['HEALTH_CONNECT', 'APPLE_HEALTH', 'MANUAL'] as const satisfies Provider[]
const workoutKinds = ['WALK', 'RUN', 'RIDE', 'SWIM', 'HIKE', 'OTHER'] as const satisfies WorkoutKind[]

/** What a record came from, best first. */
const sourceKinds = ['WORN', 'PHONE', 'HAND'] as const
export type SourceKind = (typeof sourceKinds)[number]

/**
 * What became of something that was sent. LIVE takes part in the counting, HELD waits for an administrator, REJECTED
 * never counts, and DELETED is what is left of it so that an old copy does not bring it back.
 */
const statuses = ['LIVE', 'HELD', 'REJECTED', 'DELETED'] as const

/** What sources said, one row a record: its highest version. */
export const records = schema.table(
  'records',
  {
    id: uuid().primaryKey().defaultRandom(),
    userId: uuid('user_id').notNull(),
    provider: text({ enum: providers }).notNull(),
    externalId: text('external_id').notNull(),
    version: integer().notNull(),
    deviceId: text('device_id').notNull(),
    sourceKind: text('source_kind', { enum: sourceKinds }).notNull(),
    metric: text({ enum: metrics }).notNull(),
    value: integer().notNull(),
    startedAt: instant('started_at').notNull(),
    endedAt: instant('ended_at').notNull(),
    status: text({ enum: statuses }).notNull(),
    /** The rule that decided, or that it came to the notice of. */
    reason: text(),
    /** What an administrator decided on this version. */
    decision: text({ enum: ['ACCEPTED', 'REFUSED'] }),
    decisionReason: text('decision_reason'),
  },
  (table) => [
    unique().on(table.userId, table.provider, table.externalId),
    index().on(table.userId, table.startedAt),
    index('records_held').on(table.startedAt, table.id).where(eq(table.status, sql`'HELD'`)),
    check('records_decided', sql`(${table.decision} is null) = (${table.decisionReason} is null)`),
  ],
)

/** What sources said of workouts, which count for nothing themselves. */
export const workouts = schema.table(
  'workouts',
  {
    id: uuid().primaryKey().defaultRandom(),
    userId: uuid('user_id').notNull(),
    provider: text({ enum: providers }).notNull(),
    externalId: text('external_id').notNull(),
    version: integer().notNull(),
    deviceId: text('device_id').notNull(),
    kind: text({ enum: workoutKinds }).notNull(),
    /** In metres. */
    distance: integer(),
    /** In kilocalories. */
    activeEnergy: integer('active_energy'),
    startedAt: instant('started_at').notNull(),
    endedAt: instant('ended_at').notNull(),
    status: text({ enum: statuses }).notNull(),
    reason: text(),
  },
  (table) => [
    unique().on(table.userId, table.provider, table.externalId),
    index().on(table.userId, table.startedAt, table.id),
    index('workouts_held').on(table.userId, table.startedAt).where(eq(table.status, sql`'HELD'`)),
  ],
)

/** Whose a device is: the first who synced with it. */
export const devices = schema.table('devices', {
  id: text().primaryKey(),
  userId: uuid('user_id').notNull(),
})

/** What counts: per person, metric and quarter hour, what the best source says. */
export const buckets = schema.table(
  'buckets',
  {
    userId: uuid('user_id').notNull(),
    metric: text({ enum: metrics }).notNull(),
    start: instant('start').notNull(),
    value: integer().notNull(),
    /** Whether the source said more than a body can do: the value is what counts of it. */
    capped: boolean().notNull(),
    /** The latest end of what was counted in it, at most its own end. */
    until: instant('until').notNull(),
    provider: text({ enum: providers }).notNull(),
    deviceId: text('device_id').notNull(),
    sourceKind: text('source_kind', { enum: sourceKinds }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.metric, table.start] })],
)

/** A copy of the time zones of people, fed by events. */
export const people = schema.table('people', {
  userId: uuid('user_id').primaryKey(),
  timeZone: text('time_zone').notNull(),
  version: integer().notNull(),
  /** Since when the person is erased: nothing is taken in for them any more, and no score of theirs is computed anew. */
  erasedAt: instant('erased_at'),
})

/** One row a competition that anyone joined or that was sealed: what joining and sealing take turns on. */
export const competitions = schema.table('competitions', {
  id: uuid().primaryKey(),
  sealed: boolean().notNull().default(false),
})

/**
 * Who is scored on what, fed by competitions' events, with the score. Who left stays, with the version of the event
 * that said so, and so does the version of the score.
 */
export const enrolments = schema.table(
  'enrolments',
  {
    competitionId: uuid('competition_id').notNull(),
    userId: uuid('user_id').notNull(),
    participationVersion: integer('participation_version').notNull(),
    joined: boolean().notNull(),
    metric: text({ enum: metrics }).notNull(),
    startsAt: instant('starts_at').notNull(),
    endsAt: instant('ends_at').notNull(),
    countsManual: boolean('counts_manual').notNull(),
    /** Null when nothing counts. */
    score: bigint({ mode: 'number' }),
    achievedAt: instant('achieved_at'),
    /** Up with every change of score or achievedAt. */
    scoreVersion: integer('score_version').notNull().default(0),
    /** No change of the score any more. */
    sealed: boolean().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.competitionId, table.userId] }),
    index().on(table.userId, table.metric),
    check('enrolments_scored', sql`(${table.score} is null) = (${table.achievedAt} is null)`),
  ],
)
