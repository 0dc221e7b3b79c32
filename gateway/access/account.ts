import { rateLimited, tooComplex } from '../../platform/errors.ts'
import type { TokenBuckets } from '../../platform/token-buckets.ts'
import { createPurse, MINUTE, type Purse } from './purse.ts'

/** What may be asked for in a minute; null: as much as one likes. */
export type Allowance = {
  requests: number | null
  cost: number | null
}

/** What one holder of budgets may still ask for, at this gateway. */
export type Account = {
  /** Counts a request. Throws RATE_LIMITED where there were too many; rejects with it where others had to be asked first. */
  request(): Promise<void> | void
  /** The same for what an operation costs. Throws OPERATION_TOO_COMPLEX for one that costs more than any may. */
  charge(cost: number): Promise<void> | void
  /** What an operation may cost; null: as much as it likes. */
  readonly limit: number | null
  /** RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers-10): names and values in turn. */
  headers(): string[]
  /** Tells the others what was spent here, and learns what is left. */
  settle(): Promise<void>
}

type Options = {
  key: string
  /** What its buckets are called in headers. */
  names?: Record<keyof Allowance, string>
  allowance: Allowance
  /** What an operation may cost. */
  limit: number | null
  buckets: TokenBuckets
  /** Something was spent that has not been told. */
  onSpent: (account: Account) => void
}

const plainNames = { requests: 'requests', cost: 'cost' }

export function createAccount(options: Options): Account {
  const { key, names = plainNames, allowance, limit, buckets, onSpent } = options
  const requests = allowance.requests === null ? null : createPurse(names.requests, allowance.requests)
  const cost = allowance.cost === null ? null : createPurse(names.cost, allowance.cost)
  const purses = [requests, cost].filter((purse) => purse !== null)
  const policy = purses
    .map(({ bucket, perMinute }) => `"${bucket}";q=${perMinute};w=${MINUTE / 1_000}`)
    .join(', ')
  let settling: Promise<void> | undefined

  const account: Account = {
    limit,
    request: () => spend(requests, 1, 'As many requests were made as one may make in a minute.'),
    charge(amount) {
      if (limit !== null && amount > limit) throw tooComplex(tooMuch(amount, limit))
      return spend(cost, amount, 'What was asked for costs as much as one may spend in a minute.')
    },
    headers: () =>
      purses.length > 0 ? ['ratelimit-policy', policy, 'ratelimit', purses.map(remaining).join(', ')] : [],
    settle,
  }
  return account

  function spend(purse: Purse | null, amount: number, message: string): Promise<void> | void {
    if (!purse || amount === 0) return
    if (!purse.spend(amount)) return ask(purse, amount, message)
    if (purse.isWorthTelling()) void settle()
    else onSpent(account)
  }

  /** The portion is spent: there may be more, unless others have had it. */
  async function ask(purse: Purse, amount: number, message: string): Promise<void> {
    do {
      const wait = purse.wait(amount)
      if (wait > 0) throw rateLimited(message, Math.ceil(wait / 1_000))
      await settle()
    } while (!purse.spend(amount))
    onSpent(account)
  }

  function settle(): Promise<void> {
    settling ??= tell().finally(() => {
      settling = undefined
    })
    return settling
  }

  async function tell(): Promise<void> {
    const telling = purses.map((purse) => ({ purse, amount: purse.owed() }))
    const left = await buckets.take(
      key,
      telling.map(({ purse: { bucket, perMinute: capacity }, amount }) => ({
        bucket,
        capacity,
        window: MINUTE,
        amount,
      })),
    )
    for (const [index, { purse, amount }] of telling.entries()) purse.told(amount, left[index] ?? 0)
  }
}

/** Counts on two accounts: what the first has left is no use where the second has nothing. */
export function together(own: Account, shared: Account): Account {
  return {
    limit: own.limit,
    async request() {
      await own.request()
      await shared.request()
    },
    async charge(cost) {
      await own.charge(cost)
      await shared.charge(cost)
    },
    headers() {
      const [ours, theirs] = [own.headers(), shared.headers()]
      if (ours.length === 0 || theirs.length === 0) return [...ours, ...theirs]
      return ours.map((text, index) => (index % 2 === 0 ? text : `${text}, ${theirs[index]}`))
    },
    async settle() {
      await Promise.all([own.settle(), shared.settle()])
    },
  }
}

const remaining = (purse: Purse) =>
  `"${purse.bucket}";r=${Math.max(0, Math.floor(purse.left()))};t=${Math.ceil(purse.untilFull() / 1_000)}`

const tooMuch = (cost: number, limit: number) =>
  `The operation may cost ${number(cost)}, and ${number(limit)} is the most that one may. Ask for shorter lists, or for less of each item.`

const number = (value: number) => Math.ceil(value).toLocaleString('en')
