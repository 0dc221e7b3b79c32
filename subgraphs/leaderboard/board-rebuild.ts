import { randomUUID } from 'node:crypto'
import type { OpenRedis } from '../../platform/redis.ts'
import { boardKeys } from './board-keys.ts'
import { argumentsOf } from './board-redis.ts'
import type { RedisHealth } from './redis-health.ts'
import { createScript } from './redis-script.ts'
import type { StandingStore } from './standing-store.ts'
import type { BoardStore } from './store.ts'
import { boardStates } from './tables.ts'

/** How long a rebuild keeps others off without a sign of life; every page is one. */
const LOCK = 30_000 // ms

/** Standings read and applied at a time. */
const PAGE = 1_000

const begin = createScript('begin-rebuild')
const apply = createScript('apply')
const finish = createScript('finish-rebuild')
const abandon = createScript('abandon-rebuild')

/** Done; busy while another process does it; over for a board that is final, or lost to another process midway. */
export type RebuildOutcome = 'done' | 'busy' | 'over' | 'lost'

/**
 * Builds a board anew from PostgreSQL, beside the one that is read until then. Changes that come meanwhile go to both,
 * and versions make the order of arrival irrelevant; the switch is one step, to a revision above any that was shown.
 */
export function createRebuild(
  { commands, prefix }: Pick<OpenRedis, 'commands' | 'prefix'>,
  { run }: Pick<RedisHealth, 'run'>,
  stores: { boards: Pick<BoardStore, 'countRebuilds'>; standings: Pick<StandingStore, 'page'> },
  now: () => Date,
) {
  return async (competitionId: string): Promise<RebuildOutcome> => {
    const { board, ranks, versions, nextRanks, nextVersions, lock, log, channel } = boardKeys(
      prefix,
      competitionId,
    )
    const token = randomUUID()

    const load = async (): Promise<boolean> => {
      for (let after: string | null = null; ; ) {
        const rows = await stores.standings.page(competitionId, after, PAGE)
        const last = rows.at(-1)
        if (!last) return true
        const args = [channel, now().getTime(), token, ...rows.flatMap(argumentsOf)]
        await run(() => commands.pexpire(lock, LOCK))
        // What apply.lua says that it returns.
        const [outcome] = (await run(() =>
          apply(commands, [board, ranks, versions, nextRanks, nextVersions, log], args),
        )) as ['lost' | 'loaded']
        if (outcome === 'lost') return false
        after = last.userId
      }
    }

    const change = async (rebuilds: number): Promise<RebuildOutcome> => {
      const row = await stores.boards.countRebuilds(competitionId, rebuilds, now())
      if (!row) return 'over'
      const args = [channel, row.updatedAt.getTime(), token, row.rebuilds, boardStates.indexOf(row.state)]
      const keys = [board, ranks, versions, nextRanks, nextVersions, lock, log]
      // What finish-rebuild.lua says that it returns.
      const [outcome, lacking] = (await run(() => finish(commands, keys, args))) as
        | ['lost' | 'frozen' | 'switched', number]
        | ['behind', number]
      if (outcome === 'behind') return change(lacking)
      if (outcome === 'frozen') return 'over'
      return outcome === 'lost' ? 'lost' : 'done'
    }

    const first = await run(() => begin(commands, [board, nextRanks, nextVersions, lock], [token, LOCK]))
    if (first === 0) return 'busy'
    try {
      return (await load()) ? await change(1) : 'lost'
    } finally {
      // After the switch there is nothing left to drop; while Redis is away the lock ends by itself.
      await run(() => abandon(commands, [board, nextRanks, nextVersions, lock], [token])).catch(() => {})
    }
  }
}
