import type { Caller } from '../../platform/identity.ts'
import type { OpenRedis } from '../../platform/redis.ts'
import type { GatewayLimits } from '../../platform/settings/gateway-limits.ts'
import { createTokenBuckets } from '../../platform/token-buckets.ts'
import { type Account, createAccount } from './account.ts'
import { type HolderKind, holderOf } from './holder.ts'

/** How often others are told what was spent here, by those who spend little. */
const SETTLE = 1_000 // ms

/** An account that was not used for this long, and twice this at most, is forgotten: its bucket is full again. */
const FORGET = 60_000 // ms

/** How many accounts are in use at most; whoever comes then has one together with all others who do. */
const ACCOUNTS = 200_000
const CROWD = 'address others'

/** The budgets of callers: how much each may ask for in a time, at all gateways together. */
export type Budget = {
  accountOf(caller: Pick<Caller, 'identity' | 'address'>): Account
  /** Tells the others what was spent here. */
  close(): Promise<void>
}

/**
 * Budgets are token buckets in Redis, of which each gateway spends portions: it tells what it has spent after it was spent. Without
 * Redis, and while it is away, each gateway counts alone.
 */
export function openBudget(options: {
  limits: Pick<GatewayLimits, 'cost' | 'costPerKey' | 'perMinute'>
  redis: Pick<OpenRedis, 'commands' | 'prefix'> | null
  /** What tests set, since it takes so many callers. */
  accounts?: number
}): Budget {
  const { limits, redis, accounts = ACCOUNTS } = options
  const { cost, costPerKey, perMinute } = limits
  const buckets = createTokenBuckets(redis)
  let used = new Map<string, Account>()
  let before = new Map<string, Account>()
  let unsettled = new Set<Account>()
  const settling = setInterval(settle, SETTLE).unref()
  const forgetting = setInterval(() => {
    before = used
    used = new Map()
  }, FORGET).unref()

  return {
    accountOf({ identity, address }) {
      const { key, kind } = holderOf(identity, address)
      return find(key, kind)
    },
    async close() {
      clearInterval(settling)
      clearInterval(forgetting)
      await settle()
    },
  }

  function find(key: string, kind: HolderKind): Account {
    const known = used.get(key)
    if (known) return known
    if (used.size >= accounts && key !== CROWD) return before.get(key) ?? find(CROWD, 'address')
    const account = before.get(key) ?? open(key, kind)
    used.set(key, account)
    return account
  }

  function open(key: string, kind: HolderKind): Account {
    return createAccount({
      key: `budget:${key.replace(' ', ':')}`,
      allowance: perMinute[kind],
      limit: kind === 'key' ? costPerKey : cost,
      buckets,
      onSpent: (account) => unsettled.add(account),
    })
  }

  async function settle(): Promise<void> {
    const accounts = unsettled
    unsettled = new Set()
    await Promise.all([...accounts].map((account) => account.settle()))
  }
}
