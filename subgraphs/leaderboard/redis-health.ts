import type { Logger } from '../../platform/logger.ts'
import type { OpenRedis } from '../../platform/redis.ts'

/** Longest that a command may take: a Redis that hangs is one that is away. */
const LIMIT = 800 // ms

/** How often a Redis that is away is tried. */
const PROBE = 250 // ms

/** Redis is away, or has not answered in time. */
export class RedisAwayError extends Error {}

export type RedisHealth = ReturnType<typeof watchRedis>

/** Knows whether Redis answers, so that whoever can do without it does not wait for it each time. */
export function watchRedis({ commands, prefix }: Pick<OpenRedis, 'commands' | 'prefix'>, logger: Logger) {
  let away = false
  let closed = false
  let probe: NodeJS.Timeout | undefined
  const listeners = { lost: new Set<() => void>(), back: new Set<() => void>() }

  const lose = () => {
    if (away || closed) return
    away = true
    logger.warn('leaderboards are read from PostgreSQL while Redis is away')
    for (const listener of listeners.lost) listener()
    probe = setTimeout(tryAgain, PROBE).unref()
  }
  const tryAgain = async () => {
    // By a key, since nodes of a Redis Cluster answer a ping also while they serve no keys.
    const answers = await inTime(commands.exists(`${prefix}probe`)).then(
      () => true,
      () => false,
    )
    if (closed) return
    if (!answers) {
      probe = setTimeout(tryAgain, PROBE).unref()
      return
    }
    away = false
    logger.info('leaderboards catch up in Redis')
    for (const listener of listeners.back) listener()
  }
  commands.on('close', lose)
  commands.on('-node', lose) // of a Redis Cluster: it may come back behind

  return {
    isAway: () => away,

    /** Does something in Redis. Throws RedisAwayError when it does not answer; what Redis refuses stays thrown. */
    async run<T>(work: () => Promise<T>): Promise<T> {
      if (away) throw new RedisAwayError('Redis is away')
      try {
        return await inTime(work())
      } catch (error) {
        if (error instanceof Error && error.name === 'ReplyError') throw error
        lose()
        throw new RedisAwayError('Redis does not answer', { cause: error })
      }
    },

    onLost: (listener: () => void) => void listeners.lost.add(listener),
    onBack: (listener: () => void) => void listeners.back.add(listener),

    close() {
      closed = true
      clearTimeout(probe)
      commands.off('close', lose)
      commands.off('-node', lose)
    },
  }
}

function inTime<T>(work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${LIMIT} ms`)), LIMIT)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
