import { sql } from 'drizzle-orm'
import { boolean, check, index, integer, jsonb, pgSchema, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { instant } from '../../platform/columns.ts'

const schema = pgSchema('users')

/** People and their credentials. */
export const people = schema.table(
  'people',
  {
    id: uuid().primaryKey(),
    /** Lower case: addresses that differ in case alone are one account's. */
    email: text().notNull().unique(),
    /** When the person showed that the address is theirs; null: they have not. */
    emailVerifiedAt: instant('email_verified_at'),
    /** Null: an outside issuer vouches for the person, or the account was erased. */
    passwordHash: text('password_hash'),
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
    profileVisibility: text('profile_visibility', { enum: ['PUBLIC', 'COMPETITORS', 'PRIVATE'] })
      .notNull()
      .default('PUBLIC'),
    /** The upload that their picture was made from; null: they have none. */
    avatarId: uuid('avatar_id'),
    /** Since when nothing of the person is here but their id. */
    erasedAt: instant('erased_at'),
  },
  (table) => [
    index().on(table.joinedAt, table.id),
    // For those whose address or name begins with a text, whatever the server's locale.
    index('people_email_prefix').using('btree', table.email.op('text_pattern_ops')),
    index('people_name_prefix').using('btree', sql`lower(${table.displayName}) text_pattern_ops`),
    index('people_administrators').on(table.id).where(sql`${table.role} = 'ADMIN'`),
    // Whatever still comes for who was erased leaves nothing of theirs.
    check(
      'people_erased',
      sql`${table.erasedAt} is null or (${table.email} = ${table.id} || '@erased.invalid' and ${table.displayName} = 'Deleted account'
        and num_nonnulls(${table.emailVerifiedAt}, ${table.passwordHash}, ${table.bio}, ${table.avatarId}, ${table.suspensionReason}) = 0)`,
    ),
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
    /** SHA-256 of what an outside issuer calls the session; null: it is our own. */
    outsideKey: text('outside_key'),
    createdAt: instant('created_at').notNull(),
    lastUsedAt: instant('last_used_at').notNull(),
    endedAt: instant('ended_at'),
  },
  (table) => [
    index().on(table.userId),
    index('sessions_outside').on(table.outsideKey).where(sql`${table.outsideKey} is not null`),
    index('sessions_open').on(table.userId, table.lastUsedAt).where(sql`${table.endedAt} is null`),
    index('sessions_own_last_used').on(table.lastUsedAt).where(sql`${table.outsideKey} is null`),
    index('sessions_outside_open').on(table.lastUsedAt).where(sql`${table.outsideKey} is not null and ${table.endedAt} is null`), // biome-ignore format: one line
    index('sessions_outside_ended').on(table.endedAt).where(sql`${table.outsideKey} is not null and ${table.endedAt} is not null`), // biome-ignore format: one line
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
  (table) => [index().on(table.sessionId), index().on(table.issuedAt)],
)

export const signingKeys = schema.table('signing_keys', {
  kid: text().primaryKey(),
  publicJwk: jsonb('public_jwk').notNull(),
  /** PKCS#8, encrypted with a key made from the subgraph's secret. */
  sealedPrivateKey: text('sealed_private_key').notNull(),
  createdAt: instant('created_at').notNull(),
  /** From when on it signs, until the next one does; null: since it was made. */
  signsFrom: instant('signs_from'),
})

/** Keys for programs. */
export const apiKeys = schema.table(
  'api_keys',
  {
    id: uuid().primaryKey(),
    userId: uuid('user_id')
      .notNull()
      .references(() => people.id),
    name: text().notNull(),
    prefix: text().notNull(),
    /** SHA-256 of the secret; the secret itself is not kept. */
    secretHash: text('secret_hash').notNull().unique(),
    scopes: text().array().notNull(),
    createdAt: instant('created_at').notNull(),
    lastUsedAt: instant('last_used_at'),
    expiresAt: instant('expires_at'),
    revokedAt: instant('revoked_at'),
  },
  (table) => [index().on(table.userId)],
)

export type ApiKeyRow = typeof apiKeys.$inferSelect

/** What links that were sent to an address are good for. */
export const emailTokens = schema.table(
  'email_tokens',
  {
    /** SHA-256 of the token; the token itself is in the link alone. */
    hash: text().primaryKey(),
    userId: uuid('user_id')
      .notNull()
      .references(() => people.id),
    purpose: text({ enum: ['VERIFY_EMAIL', 'RESET_PASSWORD'] }).notNull(),
    /** The address it was sent to. */
    email: text().notNull(),
    issuedAt: instant('issued_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
    usedAt: instant('used_at'),
  },
  (table) => [index().on(table.userId, table.purpose)],
)

/** Whom outside issuers know as whom. */
export const outsideIdentities = schema.table(
  'outside_identities',
  {
    issuer: text().notNull(),
    subject: text().notNull(),
    userId: uuid('user_id')
      .notNull()
      .references(() => people.id),
  },
  (table) => [primaryKey({ columns: [table.issuer, table.subject] }), index().on(table.userId)],
)

/** Pictures that were asked to be sent. */
export const avatarUploads = schema.table(
  'avatar_uploads',
  {
    id: uuid().primaryKey(),
    userId: uuid('user_id')
      .notNull()
      .references(() => people.id),
    contentType: text('content_type', { enum: ['JPEG', 'PNG', 'WEBP'] }).notNull(),
    /** In bytes. */
    byteLength: integer('byte_length').notNull(),
    expiresAt: instant('expires_at').notNull(),
    /** When it was checked, and shown or rejected. */
    completedAt: instant('completed_at'),
  },
  (table) => [index().on(table.userId), index().on(table.expiresAt)],
)

/** Archives of all that the service holds about a person. */
export const dataExports = schema.table(
  'data_exports',
  {
    id: uuid().primaryKey(),
    userId: uuid('user_id')
      .notNull()
      .references(() => people.id),
    requestedAt: instant('requested_at').notNull(),
    /** The subgraphs that have put their part into the object store. */
    gathered: text().array().notNull(),
    readyAt: instant('ready_at'),
  },
  (table) => [index().on(table.userId, table.requestedAt)],
)

/** Who is in which competition: a copy of what the competitions subgraph tells. */
export const competitors = schema.table(
  'competitors',
  {
    userId: uuid('user_id').notNull(),
    competitionId: uuid('competition_id').notNull(),
    version: integer().notNull(),
    joined: boolean().notNull(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.competitionId] }), index().on(table.competitionId)],
)

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
    // Of what was done to things of people's: whose they are.
    index('audit_entries_owner').on(sql`(${table.details}->>'userId')`, table.at),
  ],
)
