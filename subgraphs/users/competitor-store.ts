import { and, eq, inArray, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import type { Database } from '../../platform/database.ts'
import { competitors } from './tables.ts'

export type CompetitorStore = ReturnType<typeof createCompetitorStore>

/** Who is in which competition, as the competitions subgraph tells it. Nobody leaves one that is over. */
export function createCompetitorStore(db: Database) {
  return {
    /** Keeps what is newest, in whatever order it comes. */
    async save(
      { userId, competitionId, version }: { userId: string; competitionId: string; version: number },
      joined: boolean,
    ): Promise<void> {
      await db
        .insert(competitors)
        .values({ userId, competitionId, version, joined })
        .onConflictDoUpdate({
          target: [competitors.userId, competitors.competitionId],
          set: { version, joined },
          setWhere: sql`${competitors.version} < ${version}`,
        })
    },

    /** Those of `ids` who are in a competition together with this person. */
    async among(ids: readonly string[], userId: string): Promise<Set<string>> {
      const own = alias(competitors, 'own')
      const rows = await db
        .selectDistinct({ userId: competitors.userId })
        .from(competitors)
        .innerJoin(own, eq(own.competitionId, competitors.competitionId))
        .where(
          and(eq(own.userId, userId), own.joined, inArray(competitors.userId, [...ids]), competitors.joined),
        )
      return new Set(rows.map((row) => row.userId))
    },
  }
}
