/** In which a budget is filled up. */
export const MINUTE = 60_000 // ms

/** A gateway may spend so much of a budget before the others know, and not wait for anyone. */
const PORTION = 1 / 10

/** What one gateway may spend of a bucket that it shares with others. */
export type Purse = ReturnType<typeof createPurse>

/** `perMinute` is also what there is at most. */
export function createPurse(bucket: string, perMinute: number) {
  const portion = Math.max(1, Math.ceil(perMinute * PORTION))
  /** What may be spent without asking. */
  let free = portion
  /** What was spent and not told. */
  let owed = 0
  let known = perMinute
  let knownAt = performance.now() // ms

  return {
    bucket,
    perMinute,

    /** False: there is not so much to be spent without asking. */
    spend(amount: number): boolean {
      if (free < affordable(amount)) return false
      free -= amount
      owed += amount
      return true
    },

    /** Whether others should be told soon of what was spent. */
    isWorthTelling: () => owed >= portion / 2,

    /** What is to be told now. */
    owed: () => owed,

    /** The bucket has been told of an amount, and that much is left in it. */
    told(amount: number, left: number): void {
      owed -= amount
      free = Math.min(portion, left) - owed
      known = left
      knownAt = performance.now()
    },

    /** What there is at most: others may have spent some of it since the bucket was asked. */
    left,

    /** In how many ms there may be enough for an amount; 0: there may be now. */
    wait: (amount: number) => Math.max(0, ((affordable(amount) - left()) * MINUTE) / perMinute),

    /** In how many ms the bucket is full. */
    untilFull: () => ((perMinute - left()) * MINUTE) / perMinute,
  }

  /** Whatever costs more than a portion can be had for one, and is owed: it could never be had otherwise. */
  function affordable(amount: number): number {
    return Math.min(amount, portion)
  }

  function left(): number {
    const refilled = ((performance.now() - knownAt) * perMinute) / MINUTE
    return Math.min(perMinute, known + refilled) - owed
  }
}
