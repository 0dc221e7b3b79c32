import { eq, getTableColumns, type SQL, sql } from 'drizzle-orm'
import type { Database } from '../../platform/database.ts'
import { publish } from '../../platform/event-queue.ts'
import { entryOf } from './announcements.ts'
import { type Competition, columnsOf, competitionOf, type State } from './competition.ts'
import { dueStates } from './lifecycle.ts'
import { competitions, participations } from './tables.ts'

const { words, ...columns } = getTableColumns(competitions)

/** What is read of a competition: all but what only SQL looks at. */
export const competitionColumns = columns

/** Locks the competition for the rest of the transaction, as its row is; null where none meets the condition. */
export async function lock(tx: Database, condition: SQL | undefined): Promise<Competition | null> {
  const [row] = await tx.select(columns).from(competitions).where(condition).for('update')
  return row ? competitionOf(row) : null
}

/**
 * Takes a locked competition to where it should be by now, so that a change is judged by the competition's times and
 * not by when its job came round.
 */
export function bringUpToDate(tx: Database, competition: Competition, now: Date): Promise<Competition> {
  return enter(tx, competition, dueStates(competition, now))
}

/** Takes a locked competition through `states`, in order, and publishes each. */
export async function enter(tx: Database, competition: Competition, states: State[]): Promise<Competition> {
  const state = states.at(-1)
  if (!state) return competition
  await tx.update(competitions).set(columnsOf(state)).where(eq(competitions.id, competition.id))
  const finalizes = states.some(({ status }) => status === 'FINALIZING')
  const versions = finalizes ? await participationVersions(tx, competition.id) : 0
  for (const entered of states) {
    const publication = entryOf(competition, entered, versions)
    // Each by itself: what is published together has no order in the queue.
    if (publication) await publish(tx, [publication])
  }
  return { ...competition, state }
}

async function participationVersions(tx: Database, competitionId: string): Promise<number> {
  const [row] = await tx
    .select({ sum: sql<number>`coalesce(sum(${participations.version}), 0)`.mapWith(Number) })
    .from(participations)
    .where(eq(participations.competitionId, competitionId))
  return row?.sum ?? 0
}
