import { and, eq, isNotNull, or, type SQL, sql } from 'drizzle-orm'
import type { Person } from '../../platform/identity.ts'
import { competitions, participations } from './tables.ts'

/**
 * The one rule of who sees a competition, as a condition on its row: public ones that opened are everyone's; the rest
 * is its organizer's, theirs who are in it now, and the administrators'. `viewer` is null for the anonymous.
 */
export function visibleTo(viewer: Person | null): SQL | undefined {
  const published = and(isNotNull(competitions.openedAt), eq(competitions.visibility, 'PUBLIC'))
  if (!viewer) return published
  if (administers(viewer)) return sql`true`
  return or(
    published,
    eq(competitions.organizerId, viewer.id),
    sql`exists (select from ${participations} where ${participations.competitionId} = ${competitions.id} and ${participations.userId} = ${viewer.id} and ${participations.status} = 'JOINED')`,
  )
}

/** Whether this person may act on competitions that are not theirs. */
export function administers(viewer: Person): boolean {
  return viewer.scopes.includes('competitions:admin')
}
