import type { Caller } from '../../platform/identity.ts'
import type { OpenRedis } from '../../platform/redis.ts'
import type { GatewayLimits } from '../../platform/settings/gateway-limits.ts'
import { createTokenBuckets } from '../../platform/token-buckets.ts'
import { type Account, type Allowance, createAccount, together } from './account.ts'
import { type HolderKind, holderOf, networkOf } from './holder.ts'

/** How often others are told what was spent here, by those who spend little. */
const SETTLE = 1_000 // ms

/** An account that was not used for this long, and twice this at most, is forgotten: its bucket is full again. */
const FORGET = 60_000 // ms

/** How many accounts are in use at most; whoever comes then has one together with all others who do. */
const ACCOUNTS = 200_000
const CROWD = 'address others'

/**
 * How much all API keys of one person may ask for together, in budgets of one key: whoever makes fifty, or another one as soon as a budget is
 * spent, has not fifty budgets.
 */
export const KEYS_PER_OWNER = 3

/** How many files may be read for one request: a page shows many pictures, and each is less work. */
const FILES_PER_REQUEST = 10

/** What buckets are called in headers, beside requests and cost. */
const names: Partial<Record<BudgetKind, Record<keyof Allowance, string>>> = {
  owner: { requests: 'owner-requests', cost: 'owner-cost' },
  files: { requests: 'files', cost: 'file-cost' },
}

/** The budgets of callers: how much each may ask for in a time, at all gateways together. */
export type Budget = {
  accountOf(caller: Pick<Caller, 'identity' | 'address'>): Account
  /** Of files, which whoever is at an address reads and sends: no credentials come with them. */
  filesAt(address: string | undefined): Account
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
  const { key, address } = perMinute
  const allowances: Record<BudgetKind, Allowance> = {
    ...perMinute,
    owner: { requests: times(key.requests, KEYS_PER_OWNER), cost: times(key.cost, KEYS_PER_OWNER) },
    files: { requests: times(address.requests, FILES_PER_REQUEST), cost: null },
  }
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
      const account = find(key, kind)
      const isProgram = identity.kind === 'person' && identity.isProgram
      return isProgram ? together(account, find(`owner ${identity.id}`, 'owner')) : account
    },
    filesAt: (address) => find(`files ${networkOf(address)}`, 'files'),
    async close() {
      clearInterval(settling)
      clearInterval(forgetting)
      await settle()
    },
  }

  function find(key: string, kind: BudgetKind): Account {
    const known = used.get(key)
    if (known) return known
    if (used.size >= accounts && key !== CROWD) return before.get(key) ?? find(CROWD, 'address')
    const account = before.get(key) ?? open(key, kind)
    used.set(key, account)
    return account
  }

  function open(key: string, kind: BudgetKind): Account {
    return createAccount({
      key: `budget:${key.replace(' ', ':')}`,
      names: names[kind],
      allowance: allowances[kind],
      limit: kind === 'key' || kind === 'owner' ? costPerKey : cost,
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

/** Of callers, of the owner of API keys, or of an address's files. */
type BudgetKind = HolderKind | 'owner' | 'files'

const times = (allowed: number | null, factor: number) => allowed && allowed * factor
