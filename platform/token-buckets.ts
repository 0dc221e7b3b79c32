import type { OpenRedis } from './redis.ts'

/** What was spent of one of a holder's buckets, which fills up evenly, to its capacity within its window. */
export type Spending = {
  bucket: string
  capacity: number
  /** In ms. */
  window: number
  amount: number
}

/** Buckets of tokens, shared by all processes on one Redis. */
export type TokenBuckets = {
  /**
   * Takes from buckets of one holder what was spent, and tells what is left in each: less than nothing where too much was, at most
   * a whole bucket. Never rejects: while Redis is away, this process counts alone.
   */
  take(holder: string, spendings: readonly Spending[]): Promise<number[]>
}

/** For how long Redis is not asked after it did not answer. */
const AWAY = 1_000 // ms

/** How many buckets are remembered here; those that were not used for longest are full again. */
const REMEMBERED = 200_000

/** Refills by Redis's own clock, so that it does not matter how those of the processes differ. */
const script = `
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local reply, longest = {}, 0
for i = 1, #ARGV, 4 do
  local bucket, capacity, window = ARGV[i], tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2])
  local held = redis.call('HMGET', KEYS[1], bucket, bucket .. '.at')
  local left = capacity
  if held[1] then left = math.min(capacity, held[1] + math.max(0, now - held[2]) * capacity / window) end
  left = math.max(left - ARGV[i + 3], -capacity)
  redis.call('HSET', KEYS[1], bucket, tostring(left), bucket .. '.at', now)
  reply[#reply + 1] = tostring(left)
  longest = math.max(longest, window)
end
redis.call('PEXPIRE', KEYS[1], 2 * longest)
return reply`

/** `redis` is null where there is none: then this process counts alone for ever. */
export function createTokenBuckets(redis: Pick<OpenRedis, 'commands' | 'prefix'> | null): TokenBuckets {
  const remembered = new Map<string, { left: number; at: number }>()
  let awayUntil = 0 // ms, of performance.now()

  return {
    async take(holder, spendings) {
      // One that is not connected is asked again as soon as it is; one that hangs is left alone for a while.
      if (redis?.commands.status !== 'ready' || performance.now() < awayUntil)
        return spendings.map((spending) => takeHere(holder, spending))
      try {
        const key = `${redis.prefix}bucket:${holder}`
        const reply = await redis.commands.eval(script, 1, key, ...spendings.flatMap(argumentsOf))
        const left = (reply as string[]).map(Number) // the script's own
        // It goes on from there while Redis is away.
        for (const [index, { bucket }] of spendings.entries())
          remember(`${holder} ${bucket}`, left[index] ?? 0)
        return left
      } catch {
        // openRedis has logged why.
        awayUntil = performance.now() + AWAY
        return spendings.map((spending) => takeHere(holder, spending))
      }
    },
  }

  function takeHere(holder: string, { bucket, capacity, window, amount }: Spending): number {
    const key = `${holder} ${bucket}`
    const held = remembered.get(key)
    const left = held
      ? Math.min(capacity, held.left + ((performance.now() - held.at) * capacity) / window)
      : capacity
    const after = Math.max(left - amount, -capacity)
    remember(key, after)
    return after
  }

  function remember(key: string, left: number): void {
    remembered.delete(key) // so that the first is always the one that was not used for longest
    remembered.set(key, { left, at: performance.now() })
    for (const oldest of remembered.keys()) {
      if (remembered.size <= REMEMBERED) break
      remembered.delete(oldest)
    }
  }
}

const argumentsOf = ({ bucket, capacity, window, amount }: Spending) => [bucket, capacity, window, amount]
