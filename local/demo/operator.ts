import { type OpenDatabase, openDatabase } from '../../platform/database.ts'
import { publish } from '../../platform/event-queue.ts'
import { createLogger } from '../../platform/logger.ts'
import { createAdministration } from '../../subgraphs/users/administration.ts'
import type { Role } from '../../subgraphs/users/roles.ts'

/** What of the demo is done by an operator's hand, on the database, since the public API offers it to nobody. */
export function createOperator(databaseUrl: string) {
  async function on<T>(
    schema: 'users' | 'competitions',
    work: (database: OpenDatabase) => Promise<T>,
  ): Promise<T> {
    const database = openDatabase({ url: databaseUrl, schema, logger: createLogger('warn') })
    try {
      return await work(database)
    } finally {
      await database.close()
    }
  }
  return {
    giveRole: (email: string, role: Role, now: Date) =>
      on('users', ({ db }) => createAdministration(db).setRoleByOperator(email, role, now)),

    /** Has the steps of a competition's lifecycle that were scheduled by a clock in the past looked at now. */
    catchUp: (competitionId: string) =>
      on('competitions', ({ db }) => publish(db, [{ name: 'competition.due', payload: { competitionId } }])),
  }
}

export type Operator = ReturnType<typeof createOperator>
