import { expect, test } from '@jest/globals'
import { getTableColumns, getTableName, is } from 'drizzle-orm'
import { PgTable } from 'drizzle-orm/pg-core'
import { personalData as ofCompetitions } from '../subgraphs/competitions/personal-data.ts'
import * as competitions from '../subgraphs/competitions/tables.ts'
import { personalData as ofFitness } from '../subgraphs/fitness/personal-data.ts'
import * as fitness from '../subgraphs/fitness/tables.ts'
import { personalData as ofLeaderboard } from '../subgraphs/leaderboard/personal-data.ts'
import * as leaderboard from '../subgraphs/leaderboard/tables.ts'
import { personalData as ofNotifications } from '../subgraphs/notifications/personal-data.ts'
import * as notifications from '../subgraphs/notifications/tables.ts'
import { personalData as ofUsers } from '../subgraphs/users/privacy/personal-data.ts'
import * as users from '../subgraphs/users/tables.ts'

const COPY = 'a copy of what another part of the archive has'
const SECRET = 'would let others in'
const OTHERS = 'is about other people'
const INTERNAL = 'is how it is stored, and says nothing of the person'

/** What no archive has, by table or column, and why. Whatever is not here is in it. */
const leftOut: Record<string, string> = {
  'users.people.password_hash': SECRET,
  'users.sessions.outside_key': SECRET,
  'users.refresh_tokens': SECRET,
  'users.signing_keys': 'belongs to the service',
  'users.api_keys.secret_hash': SECRET,
  'users.email_tokens.hash': SECRET,
  'users.competitors': COPY,
  'competitions.competitions.words': INTERNAL,
  'competitions.participations.invited_by': OTHERS,
  'competitions.invitations.code_hash': SECRET,
  'competitions.erased_people': 'has nobody who could ask for an archive',
  'competitions.profiles': COPY,
  'leaderboard.members': COPY,
  'leaderboard.standings.packed': INTERNAL,
  'fitness.competitions': 'is not about people',
  'notifications.competitions': COPY,
  'notifications.participants': COPY,
  'notifications.announcements': 'is not about people: what a person was told of it is in their feed',
  'notifications.overtakings': 'is forgotten after a week, and what people were told of it is in their feeds',
  'notifications.feeds': INTERNAL,
  'notifications.feed_items.position': INTERNAL,
  'notifications.feed_items.dedupe_key': INTERNAL,
  'notifications.feed_items.about_id': OTHERS,
  'notifications.feed_items.mover_ids': OTHERS,
  'notifications.outbox.position': INTERNAL,
  'notifications.outbox.text': SECRET,
  'notifications.outbox.html': SECRET,
}

const subgraphs = [
  { name: 'users', tables: users, personalData: ofUsers },
  { name: 'competitions', tables: competitions, personalData: ofCompetitions },
  { name: 'leaderboard', tables: leaderboard, personalData: ofLeaderboard },
  { name: 'fitness', tables: fitness, personalData: ofFitness },
  { name: 'notifications', tables: notifications, personalData: ofNotifications },
]

const tables = subgraphs.flatMap(({ name, tables, personalData }) =>
  Object.values<unknown>(tables)
    .filter((table) => is(table, PgTable))
    .map((table) => ({
      name: `${name}.${getTableName(table)}`,
      table,
      parts: personalData('00000000-0000-0000-0000-000000000000').filter((part) => part.table === table),
    })),
)

test('every column of every table is in the archive, or it is said why not', () => {
  const missing = tables.flatMap(({ name, table, parts }) => {
    const told = new Set(parts.flatMap(({ columns }) => Object.keys(columns)))
    const untold = Object.entries(getTableColumns(table)).filter(([property]) => !told.has(property))
    return parts.length === 0 ? [name] : untold.map(([, column]) => `${name}.${column.name}`)
  })
  expect(missing.toSorted()).toEqual(Object.keys(leftOut).toSorted())
})

test('no column that holds a secret by its name is in the archive', () => {
  const told = tables.flatMap(({ parts }) => parts.flatMap(({ columns }) => Object.keys(columns)))
  expect(told.length).toBeGreaterThan(80)
  expect(told.filter((column) => /hash|secret|private|token/i.test(column))).toEqual([])
})

test('each kind of line belongs to one table of its subgraph', () => {
  const kinds = tables.flatMap(({ name, parts }) => [
    ...new Set(parts.map(({ kind }) => `${name.split('.')[0]} ${kind}`)),
  ])
  expect(new Set(kinds).size).toBe(kinds.length)
})
