import { sql } from 'drizzle-orm'
import { index, integer, jsonb, pgSchema, text, uuid } from 'drizzle-orm/pg-core'
import { instant } from '../../platform/columns.ts'

const schema = pgSchema('users')

/** People and their credentials. */
export const people = schema.table(
  'people',
  {
    id: uuid().primaryKey(),
    /** Lower case: addresses that differ in case alone are one account's. */
    email: text().notNull().unique(),
    passwordHash: text('password_hash').notNull(),
    displayName: text('display_name').notNull(),
    bio: text(),
    timeZone: text('time_zone').notNull(),
    role: text({ enum: ['USER', 'AFFILIATE', 'ADMIN'] }).notNull(),
    joinedAt: instant('joined_at').notNull(),
    /** Up with every change of the profile, for those who keep a copy. */
    version: integer().notNull(),
    /** Since when nobody may sign in to it; null: it is not suspended. */
    suspendedAt: instant('suspended_at'),
    suspensionReason: text('suspension_reason'),
  },
  (table) => [
    index().on(table.joinedAt, table.id),
    // For those whose address or name begins with a text, whatever the server's locale.
    index('people_email_prefix').using('btree', table.email.op('text_pattern_ops')),
    index('people_name_prefix').using('btree', sql`lower(${table.displayName}) text_pattern_ops`),
    index('people_administrators').on(table.id).where(sql`${table.role} = 'ADMIN'`),
  ],
)

export type PersonRow = typeof people.$inferSelect

/** Where people are signed in; a session is also the family of its refresh tokens. */
export const sessions = schema.table(
  'sessions',
  {
    id: uuid().primaryKey(),
    userId: uuid('user_id')
      .notNull()
      .references(() => people.id),
    userAgent: text('user_agent'),
    createdAt: instant('created_at').notNull(),
    lastUsedAt: instant('last_used_at').notNull(),
    endedAt: instant('ended_at'),
  },
  (table) => [
    index().on(table.userId),
    index('sessions_open').on(table.userId, table.lastUsedAt).where(sql`${table.endedAt} is null`),
  ],
)

export type SessionRow = typeof sessions.$inferSelect

export const refreshTokens = schema.table(
  'refresh_tokens',
  {
    /** SHA-256 of the token; the token itself is not kept. */
    hash: text().primaryKey(),
    sessionId: uuid('session_id')
      .notNull()
      .references(() => sessions.id),
    issuedAt: instant('issued_at').notNull(),
    usedAt: instant('used_at'),
  },
  (table) => [index().on(table.sessionId)],
)

export const signingKeys = schema.table('signing_keys', {
  kid: text().primaryKey(),
  publicJwk: jsonb('public_jwk').notNull(),
  /** PKCS#8, encrypted with a key made from the subgraph's secret. */
  sealedPrivateKey: text('sealed_private_key').notNull(),
  createdAt: instant('created_at').notNull(),
})

export const auditEntries = schema.table(
  'audit_entries',
  {
    id: uuid().primaryKey(),
    at: instant('at').notNull(),
    actorId: uuid('actor_id'),
    action: text().notNull(),
    subjectType: text('subject_type').notNull(),
    subjectId: text('subject_id').notNull(),
    details: jsonb().notNull(),
  },
  (table) => [
    index().on(table.at, table.id),
    index().on(table.actorId, table.at),
    index().on(table.subjectId, table.at),
  ],
)
